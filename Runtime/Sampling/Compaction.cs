using System.Numerics;
using System.Runtime.InteropServices;

namespace Factory.Runtime;

/// <summary>Moves those that stay to the front, in order.</summary>
internal static class Compaction
{
    /// <summary>Keeps values of <paramref name="least"/> and more, and what stands at the same places of <paramref name="ids"/>.</summary>
    /// <returns>How many are left.</returns>
    public static int AtLeast(Span<float> values, Span<int> ids, float least)
    {
        int kept = 0;
        var limit = new Vector<float>(least);
        // Of a vocabulary mostly few stay, or nearly all: a vector without any is passed over at once, one with all goes as it is.
        int vectors = MemoryMarshal.Cast<float, Vector<float>>(values).Length;
        for (int index = 0; index < vectors; index++)
        {
            int start = index * Vector<float>.Count;
            var vector = new Vector<float>(values[start..]);
            if (Vector.GreaterThanOrEqualAll(vector, limit))
            {
                if (kept < start)
                {
                    vector.CopyTo(values[kept..]);
                    new Vector<int>(ids[start..]).CopyTo(ids[kept..]);
                }
                kept += Vector<float>.Count;
            }
            else if (Vector.GreaterThanOrEqualAny(vector, limit))
            {
                kept = Scan(values, ids, least, start, start + Vector<float>.Count, kept);
            }
        }
        return Scan(values, ids, least, vectors * Vector<float>.Count, values.Length, kept);
    }

    private static int Scan(Span<float> values, Span<int> ids, float least, int start, int end, int kept)
    {
        for (int i = start; i < end; i++)
        {
            if (values[i] >= least)
            {
                (values[kept], ids[kept]) = (values[i], ids[i]);
                kept++;
            }
        }
        return kept;
    }
}
