using Factory.Core.Architecture;

namespace Factory.Exporter;

/// <summary>A factor on a branch's output, on its way into the weights that make the output.</summary>
/// <param name="Constant">Constant part.</param>
/// <param name="Parameter">Name of the trained part, a scalar or a vector over the output's channels; null where there is none.</param>
internal sealed record BranchFactor(double Constant, string? Parameter)
{
    /// <summary>The values, each output channel's times its factor; multiplied in double, rounded once.</summary>
    /// <param name="values">Shape (channels, …), row-major: rows of o_proj or down_proj, a bias, or a norm's gain.</param>
    /// <param name="read">Reads a parameter.</param>
    public float[] Apply(float[] values, int channels, Func<string, float[]> read)
    {
        if (Constant == 1 && Parameter is null)
        {
            return values;
        }
        float[] trained = Parameter is null ? [1] : read(Parameter);
        int width = values.Length / channels;
        return [.. values.Select((value, i) => (float)(value * Constant * trained[trained.Length == 1 ? 0 : i / width]))];
    }
}
