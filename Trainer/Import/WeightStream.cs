using Factory.Core.Architecture;
using Factory.Core.Safetensors;
using Factory.Trainer.Checkpoints;

namespace Factory.Trainer.Import;

/// <summary>Copies somebody else's weights into model.safetensors, float32, a few megabytes at a time: what a model weighs does not matter.</summary>
internal static class WeightStream
{
    /// <summary>See <see cref="IWeightSource.Read"/>.</summary>
    public delegate void RowReader(ParameterSpec parameter, int firstRow, Span<float> destination);

    /// <param name="advance">Called after each tensor.</param>
    public static void Copy(IReadOnlyList<ParameterSpec> parameters, RowReader read, string path, Action advance, CancellationToken cancellationToken)
    {
        using var writer = new SafetensorsWriter(path, CheckpointWriter.WeightsMetadata);
        foreach (ParameterSpec parameter in parameters)
        {
            writer.Declare(parameter.Name, ElementType.Float32, parameter.Shape);
        }
        float[] buffer = [];
        foreach (ParameterSpec parameter in parameters)
        {
            foreach ((int first, int count) in RowPieces.Split(parameter))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = count * (int)parameter.Shape[^1];
                if (buffer.Length < length)
                {
                    buffer = new float[length];
                }
                Span<float> rows = buffer.AsSpan(0, length);
                read(parameter, first, rows);
                writer.Write<float>(parameter.Name, rows);
            }
            advance();
        }
        writer.Finish();
    }
}
