using System.Numerics.Tensors;

namespace Factory.Exporter.Quantization;

/// <summary>
/// What flows through the layers: for each weight the sum of x·xᵀ over the inputs x that it met, which says how much an error in one of its columns
/// costs and which other columns can make up for it.
/// </summary>
internal sealed class LayerStatistics
{
    private readonly Dictionary<string, float[]> _moments = [];
    private readonly Dictionary<string, string> _inputOf = [];

    /// <param name="input">The value that weights read.</param>
    /// <param name="moments">Shape (inputs, inputs).</param>
    public void Add(string input, ReadOnlySpan<float> moments)
    {
        if (!_moments.TryGetValue(input, out float[]? sum))
        {
            _moments.Add(input, moments.ToArray());
            return;
        }
        TensorPrimitives.Add(sum, moments, sum);
    }

    /// <summary>Says what a weight reads.</summary>
    public void Name(string weight, string input) => _inputOf.Add(weight, input);

    /// <summary>The sum for the weight with that initialiser name, shape (inputs, inputs).</summary>
    public float[] ForWeight(string weight) =>
        _inputOf.TryGetValue(weight, out string? input) ? _moments[input] : throw new InvalidOperationException($"'{weight}' was not calibrated.");
}
