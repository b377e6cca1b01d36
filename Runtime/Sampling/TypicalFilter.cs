using System.Buffers;
using System.Numerics;
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
            double negativeEntropy = WeightedSum(weights, distance);
            // H = ln(total) - sum(w ln w) / total, and -ln p = ln(total) - ln(w): the distance needs no ln(total).
            float centre = (float)(negativeEntropy / total);
            TensorPrimitives.Subtract(distance, centre, distance);
            TensorPrimitives.Abs(distance, distance);
            // The nearest first: the bits of the distance, upside down. A token without weight is infinitely far.
            Span<uint> keys = MemoryMarshal.Cast<float, uint>(distance);
            TensorPrimitives.OnesComplement(keys, keys);
            (uint key, int index) = TopSelection.Cut(keys, weights, mass * total);
            TopSelection.Drop(weights, keys, key, index);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>The sum of w ln w; a weight of zero adds nothing.</summary>
    private static double WeightedSum(ReadOnlySpan<float> weights, ReadOnlySpan<float> logarithms)
    {
        ReadOnlySpan<Vector<float>> weightVectors = MemoryMarshal.Cast<float, Vector<float>>(weights);
        ReadOnlySpan<Vector<float>> logarithmVectors = MemoryMarshal.Cast<float, Vector<float>>(logarithms);
        Vector<double> sums = Vector<double>.Zero;
        for (int i = 0; i < weightVectors.Length; i++)
        {
            Vector<int> positive = Vector.GreaterThan(weightVectors[i], Vector<float>.Zero);
            Vector.Widen(Vector.ConditionalSelect(positive, weightVectors[i] * logarithmVectors[i], Vector<float>.Zero), out Vector<double> low, out Vector<double> high);
            sums += low + high;
        }
        double sum = Vector.Sum(sums);
        for (int i = weightVectors.Length * Vector<float>.Count; i < weights.Length; i++)
        {
            sum += weights[i] > 0 ? weights[i] * logarithms[i] : 0;
        }
        return sum;
    }
}
