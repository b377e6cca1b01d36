using System.Buffers;
using System.Runtime.InteropServices;

namespace Factory.Runtime;

/// <summary>
/// Keeps the largest weights without sorting. The bits of a positive float order as the float does, so three passes over histograms of 11, 11 and 10 bits
/// narrow down the one key where the cut lies; equal keys are cut by index.
/// </summary>
internal static class TopSelection
{
    private const int Buckets = 2048;

    /// <summary>
    /// Keeps the largest weights, up to <paramref name="count"/> of them and up to and including the one that brings their sum to <paramref name="mass"/>;
    /// the others become zero.
    /// </summary>
    /// <returns>The sum of those kept.</returns>
    public static double Keep(Span<float> weights, int count, double mass)
    {
        Span<uint> keys = MemoryMarshal.Cast<float, uint>(weights);
        (uint key, int index, double kept) = Cut(keys, weights, count, mass);
        for (int i = 0; i < weights.Length; i++)
        {
            if (keys[i] < key || (keys[i] == key && i > index))
            {
                weights[i] = 0;
            }
        }
        return kept;
    }

    /// <summary>The last element kept when elements are taken by falling key, equal ones by rising index, until there are enough or they weigh enough.</summary>
    /// <param name="keys">Order of taking.</param>
    /// <param name="weights">What each weighs; none negative.</param>
    /// <returns>Its key and index (0 and int.MaxValue where all are kept) and the sum of the weights kept.</returns>
    public static (uint Key, int Index, double Kept) Cut(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, int count, double mass)
    {
        int[] counts = ArrayPool<int>.Shared.Rent(Buckets);
        double[] sums = ArrayPool<double>.Shared.Rent(Buckets);
        try
        {
            uint prefix = 0;
            double kept = 0;
            foreach (int shift in (ReadOnlySpan<int>)[21, 10, 0])
            {
                int width = shift == 0 ? 10 : 11;
                Array.Clear(counts, 0, 1 << width);
                Array.Clear(sums, 0, 1 << width);
                Count(keys, weights, prefix, shift, width, counts, sums);
                int bucket = (1 << width) - 1;
                for (; bucket >= 0 && counts[bucket] < count && kept + sums[bucket] < mass; bucket--)
                {
                    count -= counts[bucket];
                    kept += sums[bucket];
                }
                if (bucket < 0)
                {
                    return (0, int.MaxValue, kept);
                }
                prefix = (prefix << width) | (uint)bucket;
            }
            return CutAmongEquals(keys, weights, prefix, count, mass, kept);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(counts);
            ArrayPool<double>.Shared.Return(sums);
        }
    }

    /// <summary>Histogram of the next bits of those keys that begin with the prefix.</summary>
    private static void Count(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, uint prefix, int shift, int width, int[] counts, double[] sums)
    {
        int above = shift + width;
        uint mask = (1u << width) - 1;
        for (int i = 0; i < keys.Length; i++)
        {
            uint key = keys[i];
            if ((uint)((ulong)key >> above) == prefix)
            {
                uint bucket = (key >> shift) & mask;
                counts[bucket]++;
                sums[bucket] += weights[i];
            }
        }
    }

    private static (uint Key, int Index, double Kept) CutAmongEquals(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, uint key, int count, double mass, double kept)
    {
        int last = -1;
        for (int i = 0; i < keys.Length && count > 0 && (kept < mass || last < 0); i++)
        {
            if (keys[i] == key)
            {
                (last, kept, count) = (i, kept + weights[i], count - 1);
            }
        }
        return (key, last, kept);
    }
}
