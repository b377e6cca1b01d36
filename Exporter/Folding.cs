using Factory.Core.Architecture;

namespace Factory.Exporter;

/// <summary>Turns a checkpoint's tensors into the graph's: folds factors into weights, transposes linear weights.</summary>
internal static class Folding
{
    /// <summary>Side of the squares that are copied, small enough for the first-level cache.</summary>
    private const int Tile = 32;

    /// <summary>About as many values are in a piece of <see cref="Transposed"/>.</summary>
    private const int PieceLength = 1 << 20;

    /// <summary>
    /// The same norm without a factor on its input: norm(c·x) with epsilon is norm(x) with epsilon/c², for every kind.
    /// </summary>
    public static NormPlan InputScale(NormPlan norm) => norm with { InputScale = 1, Epsilon = norm.Epsilon / (norm.InputScale * norm.InputScale) };

    /// <summary>scale * values, so that a plain norm gives the scaled one's output; multiplied in double, rounded once.</summary>
    /// <param name="values">Gain or bias, shape (channels).</param>
    public static float[] Scale(float[] values, NormPlan norm) => [.. values.Select(value => (float)(value * norm.Scale))];

    /// <summary>A linear weight transposed for x @ W, (<paramref name="inputs"/>, <paramref name="outputs"/>), in pieces of whole rows: a second copy of a large one need not stand beside it.</summary>
    /// <param name="weight">Shape (outputs, inputs).</param>
    /// <returns>Pieces in order; each is overwritten by the next but one.</returns>
    public static IEnumerable<ReadOnlyMemory<float>> Transposed(float[] weight, int outputs, int inputs)
    {
        int height = Math.Min(inputs, Math.Max(Tile, PieceLength / outputs / Tile * Tile));
        float[] piece = new float[checked(height * outputs)];
        float[] other = inputs > height ? new float[piece.Length] : [];
        for (int first = 0; first < inputs; first += height)
        {
            int rows = Math.Min(height, inputs - first);
            Transpose(weight, outputs, inputs, first, rows, piece);
            yield return piece.AsMemory(0, rows * outputs);
            (piece, other) = (other, piece);
        }
    }

    /// <param name="matrix">Shape (<paramref name="rows"/>, <paramref name="columns"/>).</param>
    /// <returns>Shape (columns, rows).</returns>
    public static T[] Transpose<T>(T[] matrix, int rows, int columns)
    {
        var result = new T[matrix.Length];
        Transpose(matrix, rows, columns, 0, columns, result);
        return result;
    }

    /// <summary>Some columns of the source, from <paramref name="first"/> on, become the rows of the target, (count, rows).</summary>
    private static void Transpose<T>(T[] source, int rows, int columns, int first, int count, T[] target)
    {
        for (int top = 0; top < rows; top += Tile)
        {
            for (int left = 0; left < count; left += Tile)
            {
                for (int row = top; row < Math.Min(top + Tile, rows); row++)
                {
                    for (int column = left; column < Math.Min(left + Tile, count); column++)
                    {
                        target[(column * rows) + row] = source[(row * columns) + first + column];
                    }
                }
            }
        }
    }
}
