using System.Numerics.Tensors;

namespace Factory.Exporter.Quantization;

/// <summary>
/// GPTQ (Frantar et al., arXiv 2210.17323): columns are rounded from left to right, and what each rounding changes in the layer's output is made up
/// for by the columns that are still free. A block's scales are those with the smallest error weighted by the inputs' mean squares, searched when
/// the block is reached.
/// </summary>
internal static class Gptq
{
    /// <summary>Added to the diagonal, as a fraction of its mean: keeps the factorisation stable, as in the paper.</summary>
    private const double Damping = 0.01;

    /// <summary>Rows that go through the columns together, so that the factor's rows are read from the cache.</summary>
    private const int Tile = 16;

    /// <param name="weights">Shape (rows, columns); overwritten.</param>
    /// <param name="moments">Σ x·xᵀ of the inputs, shape (columns, columns).</param>
    public static BlockInt4 Quantize(float[] weights, int rows, int columns, float[] moments)
    {
        float[] importance = Diagonal(moments, columns);
        float[] factor = [.. moments];
        double mean = importance.Average(value => (double)value);
        for (int i = 0; i < columns; i++)
        {
            // Inputs that never come leave the column as it is.
            factor[(i * columns) + i] += (float)Math.Max(Damping * mean, 1e-8);
        }
        InverseFactor.Compute(factor, columns);
        for (int i = 0; i < columns; i++)
        {
            importance[i] = 1 / (factor[(i * columns) + i] * factor[(i * columns) + i]);
        }
        BlockInt4 result = BlockInt4.Empty(rows, columns);
        Parallel.For(0, (rows + Tile - 1) / Tile, tile =>
        {
            int first = tile * Tile;
            QuantizeRows(weights, first, Math.Min(first + Tile, rows), columns, importance, factor, result);
        });
        return result;
    }

    private static void QuantizeRows(float[] weights, int first, int end, int columns, float[] importance, float[] factor, BlockInt4 result)
    {
        int blocks = BlockInt4.BlocksOf(columns);
        for (int column = 0; column < columns; column++)
        {
            int block = column / BlockInt4.Size;
            ReadOnlySpan<float> spread = factor.AsSpan((column * columns) + column, columns - column);
            for (int row = first; row < end; row++)
            {
                Span<float> rest = weights.AsSpan((row * columns) + column, columns - column);
                ref float scale = ref result.Scales[(row * blocks) + block];
                if (column % BlockInt4.Size == 0)
                {
                    int width = Math.Min(BlockInt4.Size, rest.Length);
                    scale = BlockScale.Search(rest[..width], importance.AsSpan(column, width));
                }
                int level = BlockInt4.Level(rest[0], scale);
                result.Set(row, blocks, column, level);
                float error = (rest[0] - (level * scale)) / spread[0];
                TensorPrimitives.MultiplyAdd(spread, -error, rest, rest);
            }
        }
    }

    private static float[] Diagonal(float[] moments, int size)
    {
        var diagonal = new float[size];
        for (int i = 0; i < size; i++)
        {
            diagonal[i] = moments[(i * size) + i];
        }
        return diagonal;
    }
}
