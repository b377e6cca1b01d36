using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Factory.Runtime;

/// <summary>Locally typical sampling (arXiv 2202.00666): keeps the tokens whose surprise, -ln p, is nearest to the distribution's entropy.</summary>
internal static class TypicalFilter
{
    /// <param name="weights">None negative; those that fall out become zero.</param>
    /// <param name="mass">The share of the probability to keep.</param>
    public static void Apply(Span<float> weights, double mass)
    {
        double total = WeightedDraw.Sum(weights);
        float[] rented = ArrayPool<float>.Shared.Rent(weights.Length);
        try
        {
            Span<float> distance = rented.AsSpan(0, weights.Length);
            TensorPrimitives.Log(weights, distance);
            double entropy = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                if (weights[i] > 0)
                {
                    entropy -= weights[i] * distance[i];
                }
            }
            // H = ln(total) - sum(w ln w) / total, and -ln p = ln(total) - ln(w): the distance needs no ln(total).
            float centre = (float)(-entropy / total);
            TensorPrimitives.Subtract(distance, centre, distance);
            TensorPrimitives.Abs(distance, distance);
            // The nearest first: the bits of the distance, upside down. A token without weight is infinitely far.
            Span<uint> keys = MemoryMarshal.Cast<float, uint>(distance);
            TensorPrimitives.OnesComplement(keys, keys);
            (uint key, int index) = TopSelection.Cut(keys, weights, int.MaxValue, mass * total);
            for (int i = 0; i < weights.Length; i++)
            {
                if (keys[i] < key || (keys[i] == key && i > index))
                {
                    weights[i] = 0;
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }
}
