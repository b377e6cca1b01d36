using System.Numerics.Tensors;

namespace Factory.Exporter.Quantization;

/// <summary>A matrix in 8 bits, one scale a row: value ≈ Scales[row] · Values[row, column], Values from -127 to 127.</summary>
/// <param name="Values">Shape (rows, columns).</param>
/// <param name="Scales">Shape (rows).</param>
internal sealed record RowInt8(sbyte[] Values, float[] Scales, int Columns)
{
    public static RowInt8 Quantize(float[] weights, int rows, int columns)
    {
        var values = new sbyte[weights.Length];
        var scales = new float[rows];
        Parallel.For(0, rows, row =>
        {
            ReadOnlySpan<float> source = weights.AsSpan(row * columns, columns);
            float largest = Math.Abs(TensorPrimitives.MaxMagnitude(source));
            scales[row] = largest > 0 ? largest / 127 : 1;
            for (int column = 0; column < columns; column++)
            {
                values[(row * columns) + column] = (sbyte)MathF.Round(source[column] / scales[row]);
            }
        });
        return new RowInt8(values, scales, columns);
    }

    /// <summary>Shape (columns, rows), for x @ W.</summary>
    public sbyte[] Transposed() => Folding.Transpose(Values, Scales.Length, Columns);
}
