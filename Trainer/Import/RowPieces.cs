using Factory.Core.Architecture;

namespace Factory.Trainer.Import;

/// <summary>A tensor cut into whole rows, a few megabytes at a time.</summary>
internal static class RowPieces
{
    private const int Elements = 1 << 20;

    /// <summary>First row and number of rows of each piece; a row runs along the last dimension, a vector is one.</summary>
    public static IEnumerable<(int First, int Count)> Split(ParameterSpec parameter)
    {
        int rows = (int)(parameter.Count / parameter.Shape[^1]);
        int step = (int)Math.Max(1, Elements / parameter.Shape[^1]);
        for (int first = 0; first < rows; first += step)
        {
            yield return (first, Math.Min(step, rows - first));
        }
    }
}
