using Factory.Exporter.Quantization;

namespace Factory.Exporter.Tests.Quantization;

public sealed class QuantizationTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void The_inverse_factor_is_upper_triangular_and_its_square_the_inverse(int size)
    {
        float[] moments = Moments(size, size + 3, seed: 1);
        float[] u = [.. moments];
        InverseFactor.Compute(u, size);
        for (int i = 0; i < size; i++)
        {
            Assert.All(Enumerable.Range(0, i), j => Assert.Equal(0, u[(i * size) + j]));
            for (int j = 0; j < size; j++)
            {
                // (UᵀU) H = 1
                double sum = Enumerable.Range(0, size).Sum(k => Enumerable.Range(0, size).Sum(r => (double)u[(r * size) + i] * u[(r * size) + k]) * moments[(k * size) + j]);
                Assert.Equal(i == j ? 1 : 0, sum, 2e-2);
            }
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(50)]
    public void Calibrated_weights_change_a_layers_output_less_than_rounded_ones(int columns)
    {
        const int rows = 24;
        float[] weights = Uniform(rows * columns, seed: 2);
        float[] moments = Moments(columns, 4 * columns, seed: 3);
        BlockInt4 rounded = BlockInt4.RoundToNearest(weights, rows, columns);
        BlockInt4 calibrated = Gptq.Quantize([.. weights], rows, columns, moments);
        Assert.True(OutputError(calibrated) < 0.7 * OutputError(rounded), $"{OutputError(calibrated)} {OutputError(rounded)}");

        double OutputError(BlockInt4 quantized)
        {
            float[] found = Dequantize(quantized, rows, columns);
            return Enumerable.Range(0, rows).Sum(row => Enumerable.Range(0, columns).Sum(i => Enumerable.Range(0, columns).Sum(j =>
                (double)(weights[(row * columns) + i] - found[(row * columns) + i]) * moments[(i * columns) + j] * (weights[(row * columns) + j] - found[(row * columns) + j]))));
        }
    }

    [Fact]
    public void Inputs_that_never_come_do_no_harm()
    {
        const int columns = 32;
        float[] weights = Uniform(columns, seed: 4);
        BlockInt4 quantized = Gptq.Quantize([.. weights], 1, columns, new float[columns * columns]);
        Assert.All(weights.Zip(Dequantize(quantized, 1, columns)), pair => Assert.Equal(pair.First, pair.Second, 0.1));
    }

    [Fact]
    public void Rounding_is_to_the_nearest_of_sixteen_values_and_exact_for_them()
    {
        float[] weights = [.. Enumerable.Range(-8, 16).Select(level => level * 0.25f), .. Enumerable.Range(-8, 16).Select(level => level * 0.25f)];
        Assert.Equal(weights, Dequantize(BlockInt4.RoundToNearest(weights, 1, 32), 1, 32));
        Assert.Equal(new float[32], Dequantize(BlockInt4.RoundToNearest(new float[32], 1, 32), 1, 32));
    }

    [Fact]
    public void Rows_in_8_bits_are_within_half_a_step()
    {
        float[] weights = Uniform(6 * 10, seed: 5);
        RowInt8 quantized = RowInt8.Quantize(weights, 6, 10);
        Assert.All(Enumerable.Range(0, 60), i => Assert.Equal(weights[i], quantized.Values[i] * quantized.Scales[i / 10], 0.501 * quantized.Scales[i / 10]));
        Assert.Equal(quantized.Values[13], quantized.Transposed()[(3 * 6) + 1]);
    }

    private static float[] Uniform(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    /// <summary>Σ x·xᵀ of inputs whose channels depend on each other, as those of a model do.</summary>
    private static float[] Moments(int size, int count, int seed)
    {
        var random = new Random(seed);
        double[,] mix = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                mix[i, j] = random.NextDouble() + (i == j ? 1 : 0);
            }
        }
        var moments = new double[size * size];
        for (int n = 0; n < count; n++)
        {
            double[] z = [.. Enumerable.Range(0, size).Select(_ => (2 * random.NextDouble()) - 1)];
            double[] x = [.. Enumerable.Range(0, size).Select(i => Enumerable.Range(0, size).Sum(j => mix[i, j] * z[j]))];
            for (int i = 0; i < size; i++)
            {
                for (int j = 0; j < size; j++)
                {
                    moments[(i * size) + j] += x[i] * x[j];
                }
            }
        }
        return [.. moments.Select((value, i) => (float)(value + (i % (size + 1) == 0 ? 1 : 0)))];
    }

    private static float[] Dequantize(BlockInt4 quantized, int rows, int columns)
    {
        int blocks = BlockInt4.BlocksOf(columns);
        return [.. Enumerable.Range(0, rows * columns).Select(i =>
        {
            (int row, int column) = (i / columns, i % columns);
            byte pair = quantized.Packed[((row * blocks * BlockInt4.Size) + column) / 2];
            return ((column % 2 == 0 ? pair & 15 : pair >> 4) - 8) * quantized.Scales[(row * blocks) + (column / BlockInt4.Size)];
        })];
    }
}
