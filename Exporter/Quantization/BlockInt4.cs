namespace Factory.Exporter.Quantization;

/// <summary>
/// A matrix in 4 bits, as MatMulNBits reads it: each row in blocks of 32 inputs with a scale each; value ≈ scale · (q - 8), q from 0 to 15, two to a
/// byte, the lower half first. A last block that is not full ends in zeros.
/// </summary>
/// <param name="Packed">Shape (rows, blocks, 16).</param>
/// <param name="Scales">Shape (rows, blocks).</param>
internal sealed record BlockInt4(byte[] Packed, float[] Scales)
{
    /// <summary>Inputs that share a scale.</summary>
    public const int Size = 32;

    /// <summary>Blocks in a row.</summary>
    public static int BlocksOf(int columns) => (columns + Size - 1) / Size;

    public static BlockInt4 Empty(int rows, int columns)
    {
        int blocks = BlocksOf(columns);
        var packed = new byte[checked(rows * blocks * Size / 2)];
        packed.AsSpan().Fill(0x88);
        return new BlockInt4(packed, new float[rows * blocks]);
    }

    /// <param name="weights">Shape (rows, columns).</param>
    public static BlockInt4 RoundToNearest(float[] weights, int rows, int columns)
    {
        BlockInt4 result = Empty(rows, columns);
        int blocks = BlocksOf(columns);
        Parallel.For(0, rows, row =>
        {
            for (int block = 0; block < blocks; block++)
            {
                int start = block * Size;
                ReadOnlySpan<float> values = weights.AsSpan((row * columns) + start, Math.Min(Size, columns - start));
                float scale = FullRange(values);
                result.Scales[(row * blocks) + block] = scale;
                for (int i = 0; i < values.Length; i++)
                {
                    result.Set(row, blocks, start + i, Level(values[i], scale));
                }
            }
        });
        return result;
    }

    /// <summary>What the blocks stand for, shape (rows, columns).</summary>
    public float[] Dequantize(int rows, int columns)
    {
        var weights = new float[checked(rows * columns)];
        int blocks = BlocksOf(columns);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                byte pair = Packed[((row * blocks * Size) + column) / 2];
                int q = column % 2 == 0 ? pair & 0xF : pair >> 4;
                weights[(row * columns) + column] = Scales[(row * blocks) + (column / Size)] * (q - 8);
            }
        }
        return weights;
    }

    /// <summary>The scale that puts the value of largest magnitude on -8, the end with one more level.</summary>
    public static float FullRange(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = Math.Abs(value) > Math.Abs(largest) ? value : largest;
        }
        return largest / -8;
    }

    /// <summary>The level from -8 to 7 nearest to <paramref name="value"/>.</summary>
    public static int Level(float value, float scale) => scale == 0 ? 0 : (int)Math.Clamp(MathF.Round(value / scale), -8, 7);

    public void Set(int row, int blocks, int column, int level)
    {
        ref byte pair = ref Packed[((row * blocks * Size) + column) / 2];
        int q = level + 8;
        pair = (byte)(column % 2 == 0 ? (pair & 0xF0) | q : (pair & 0x0F) | (q << 4));
    }
}
