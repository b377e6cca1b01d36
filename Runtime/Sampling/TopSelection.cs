using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Factory.Runtime;

/// <summary>
/// Keeps the largest weights without sorting. The bits of a positive float order as the float does, so histograms of the first 11 bits, of the next 11 and
/// of the last 10 narrow down the one key where the cut lies; equal keys are cut by index.
/// </summary>
internal static class TopSelection
{
    private const int Buckets = 2048;

    /// <summary>Neighbours often fall into one bucket; sums side by side spare them waiting for one another.</summary>
    private const int Lanes = 4;

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
        (uint key, int last) = Cut(keys, [], count);
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
        (uint key, int last) = Cut(keys, weights, share * total);
        Drop(weights, keys, key, last);
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

    /// <summary>Weights of smaller keys, and of equal ones behind the last that stays, become zero.</summary>
    /// <param name="key">Of the cut, as from <see cref="Cut"/>.</param>
    /// <param name="last">Index of the cut.</param>
    public static void Drop(Span<float> weights, ReadOnlySpan<uint> keys, uint key, int last)
    {
        Span<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(weights);
        ReadOnlySpan<Vector<uint>> keyVectors = MemoryMarshal.Cast<uint, Vector<uint>>(keys);
        var limit = new Vector<uint>(key);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Vector.ConditionalSelect(Vector.AsVectorSingle(Vector.GreaterThanOrEqual(keyVectors[i], limit)), vectors[i], Vector<float>.Zero);
        }
        for (int i = vectors.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            weights[i] = keys[i] < key ? 0 : weights[i];
        }
        for (int i = last < keys.Length ? last + 1 : keys.Length; i < keys.Length; i++)
        {
            int next = keys[i..].IndexOf(key);
            if (next < 0)
            {
                return;
            }
            i += next;
            weights[i] = 0;
        }
    }

    /// <summary>The last element kept when elements are taken by falling key, equal ones by rising index, until they weigh enough.</summary>
    /// <param name="keys">Order of taking.</param>
    /// <param name="weights">What each weighs, none negative; empty where each weighs one.</param>
    /// <param name="mass">Enough; more than nothing.</param>
    /// <returns>Its key and index; 0 and int.MaxValue where all are kept.</returns>
    public static (uint Key, int Index) Cut(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, double mass)
    {
        double[] sums = ArrayPool<double>.Shared.Rent(Buckets * Lanes);
        int[] rented = ArrayPool<int>.Shared.Rent(keys.Length);
        try
        {
            double kept = 0;
            AddAll(keys, weights, sums);
            int bucket = Take(sums, Buckets, Lanes, mass, ref kept);
            if (bucket < 0)
            {
                return (0, int.MaxValue);
            }
            Span<int> left = rented;
            left = left[..Members(keys, (uint)bucket, left)];
            uint prefix = (uint)bucket;
            foreach ((int shift, int width) in (ReadOnlySpan<(int, int)>)[(10, 11), (0, 10)])
            {
                Add(keys, weights, left, prefix, shift, width, sums);
                bucket = Take(sums, 1 << width, 1, mass, ref kept);
                if (bucket < 0)
                {
                    // Rounding: the finer sums fall short of the coarse one by a hair. All that have the prefix stay.
                    return (prefix << (shift + width), int.MaxValue);
                }
                prefix = (prefix << width) | (uint)bucket;
            }
            return (prefix, LastAmongEquals(keys, weights, left, prefix, mass, kept));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(sums);
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private static double Weight(ReadOnlySpan<float> weights, int i) => weights.IsEmpty ? 1 : weights[i];

    /// <summary>Histogram of the first bits.</summary>
    private static void AddAll(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, double[] sums)
    {
        Array.Clear(sums, 0, Buckets * Lanes);
        for (int i = 0; i < keys.Length; i++)
        {
            sums[((keys[i] >> 21) * Lanes) + (i % Lanes)] += Weight(weights, i);
        }
    }

    /// <summary>Histogram of the next bits of those that begin with the prefix.</summary>
    private static void Add(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, ReadOnlySpan<int> among, uint prefix, int shift, int width, double[] sums)
    {
        Array.Clear(sums, 0, 1 << width);
        uint mask = (1u << width) - 1;
        foreach (int i in among)
        {
            if ((uint)((ulong)keys[i] >> (shift + width)) == prefix)
            {
                sums[(keys[i] >> shift) & mask] += Weight(weights, i);
            }
        }
    }

    /// <summary>Takes whole buckets, from the highest down, as long as all of one are still not enough.</summary>
    /// <returns>The bucket where enough is reached, or -1.</returns>
    private static int Take(double[] sums, int buckets, int lanes, double mass, ref double kept)
    {
        for (int bucket = buckets - 1; bucket >= 0; bucket--)
        {
            double sum = 0;
            foreach (double lane in sums.AsSpan(bucket * lanes, lanes))
            {
                sum += lane;
            }
            if (kept + sum >= mass)
            {
                return bucket;
            }
            kept += sum;
        }
        return -1;
    }

    private static int Members(ReadOnlySpan<uint> keys, uint bucket, Span<int> members)
    {
        int count = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            // Without a branch: whether a key is one cannot be foreseen.
            members[count] = i;
            count += keys[i] >> 21 == bucket ? 1 : 0;
        }
        return count;
    }

    private static int LastAmongEquals(ReadOnlySpan<uint> keys, ReadOnlySpan<float> weights, ReadOnlySpan<int> among, uint key, double mass, double kept)
    {
        int last = -1;
        foreach (int i in among)
        {
            if (keys[i] == key && (kept < mass || last < 0))
            {
                (last, kept) = (i, kept + Weight(weights, i));
            }
        }
        return last;
    }
}
