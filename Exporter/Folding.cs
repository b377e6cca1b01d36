using Factory.Core.Architecture;

namespace Factory.Exporter;

/// <summary>Turns a checkpoint's tensors into the graph's: folds factors into weights, transposes and packs linear weights.</summary>
internal static class Folding
{
    /// <summary>Side of the squares that <see cref="Pack"/> copies, small enough for the first-level cache.</summary>
    private const int Tile = 32;

    /// <summary>
    /// The same norm without a factor on its input: norm(c·x) with epsilon is norm(x) with epsilon/c², for every kind.
    /// </summary>
    public static NormPlan InputScale(NormPlan norm) => norm with { InputScale = 1, Epsilon = norm.Epsilon / (norm.InputScale * norm.InputScale) };

    /// <summary>scale * values, so that a plain norm gives the scaled one's output; multiplied in double, rounded once.</summary>
    /// <param name="values">Gain or bias, shape (channels).</param>
    public static float[] Scale(float[] values, NormPlan norm) => [.. values.Select(value => (float)(value * norm.Scale))];

    /// <summary>Linear weights side by side, transposed for x @ W.</summary>
    /// <param name="weights">Each of shape (outputs, <paramref name="inputs"/>).</param>
    /// <returns>Shape (inputs, sum of outputs).</returns>
    public static float[] Pack(int inputs, params IReadOnlyList<float[]> weights)
    {
        int width = weights.Sum(weight => weight.Length / inputs);
        var packed = new float[checked(inputs * width)];
        int column = 0;
        foreach (float[] weight in weights)
        {
            int outputs = weight.Length / inputs;
            Transpose(weight, outputs, inputs, packed, width, column);
            column += outputs;
        }
        return packed;
    }

    /// <param name="matrix">Shape (<paramref name="rows"/>, <paramref name="columns"/>).</param>
    /// <returns>Shape (columns, rows).</returns>
    public static T[] Transpose<T>(T[] matrix, int rows, int columns)
    {
        var result = new T[matrix.Length];
        Transpose(matrix, rows, columns, result, rows, 0);
        return result;
    }

    private static void Transpose<T>(T[] source, int rows, int columns, T[] target, int width, int shift)
    {
        for (int top = 0; top < rows; top += Tile)
        {
            for (int left = 0; left < columns; left += Tile)
            {
                for (int row = top; row < Math.Min(top + Tile, rows); row++)
                {
                    for (int column = left; column < Math.Min(left + Tile, columns); column++)
                    {
                        target[(column * width) + shift + row] = source[(row * columns) + column];
                    }
                }
            }
        }
    }
}
