using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Factory.Runtime;

/// <summary>
/// Keeps the largest weights without sorting. The bits of a positive float order as the float does, so three passes over histograms of 11, 11 and 10 bits
/// narrow down the one key where the cut lies; equal keys are cut by index.
/// </summary>
internal static class TopSelection
{
    private const int Buckets = 2048;

    /// <summary>Keeps the <paramref name="count"/> largest values, of equals the first, in order.</summary>
    /// <returns>How many are left: <paramref name="count"/>, or all where there are fewer.</returns>
    public static int Keep(Span<float> values, Span<int> ids, int count)
    {
        int left = Compaction.AtLeast(values, ids, Bound(values, count));
        if (left <= count)
        {
            return left;
        }
        uint[] rented = ArrayPool<uint>.Shared.Rent(left);
        Span<uint> keys = rented.AsSpan(0, left);
        for (int i = 0; i < left; i++)
        {
            // Bits that order as the values do, negative ones too.
            int bits = BitConverter.SingleToInt32Bits(values[i]);
            keys[i] = (uint)(bits ^ ((bits >> 31) | int.MinValue));
        }
        (uint key, int last) = Cut(keys, values[..left], count, double.PositiveInfinity);
        int kept = 0;
        for (int i = 0; i < left; i++)
        {
            if (keys[i] > key || (keys[i] == key && i <= last))
            {
                (values[kept], ids[kept]) = (values[i], ids[i]);
                kept++;
            }
        }
        ArrayPool<uint>.Shared.Return(rented);
        return kept;
    }

    /// <summary>Keeps the largest weights up to and including the one that brings their sum to <paramref name="share"/> of the whole; others become zero or go.</summary>
    /// <returns>How many are left.</returns>
    public static int KeepMass(Span<float> weights, Span<int> ids, double share)
    {
        double total = WeightedDraw.Sum(weights);
        // All weights below this bound together are less than what may fall out, so the cut lies above it.
        int left = Compaction.AtLeast(weights, ids, (float)((1 - share) * total / weights.Length * 0.999));
        weights = weights[..left];
        Span<uint> keys = MemoryMarshal.Cast<float, uint>(weights);
        (uint key, int last) = Cut(keys, weights, int.MaxValue, share * total);
        for (int i = 0; i < left; i++)
        {
            if (keys[i] < key || (keys[i] == key && i > last))
            {
                weights[i] = 0;
            }
        }
        return left;
    }

    /// <summary>A value that at least <paramref name="count"/> others reach: the count-th largest of the maxima of as many pieces or more.</summary>
    private static float Bound(ReadOnlySpan<float> values, int count)
    {
        const int pieces = 256;
        int size = values.Length / pieces;
        if (count > pieces || size < 4)
        {
            return float.NegativeInfinity;
        }
        Span<float> maxima = stackalloc float[pieces];
        for (int piece = 0; piece < pieces; piece++)
        {
            maxima[piece] = TensorPrimitives.Max(values.Slice(piece * size, size));
        }
        maxima.Sort();
        return maxima[^count];
    }

    /// <summary>The last element kept when elements are taken by falling key, equal ones by rising index, until there are enough or they weigh enough.</summary>
    /// <param name="keys">Order of taking.</param>
    /// <param name="weights">What each weighs; matters with a finite <paramref name="mass"/> only, and none is negative then.</param>
    /// <returns>Its key and index; 0 and int.MaxValue where all are kept.</returns>
    public static (uint Key, int Index) Cut(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, int count, double mass)
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
                    return (0, int.MaxValue);
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

    private static (uint Key, int Index) CutAmongEquals(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, uint key, int count, double mass, double kept)
    {
        int last = -1;
        for (int i = 0; i < keys.Length && count > 0 && (kept < mass || last < 0); i++)
        {
            if (keys[i] == key)
            {
                (last, kept, count) = (i, kept + weights[i], count - 1);
            }
        }
        return (key, last);
    }
}
