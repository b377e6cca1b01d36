using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>Functions of sixteen float32 numbers at once.</summary>
internal static class VectorMath
{
    /// <summary>e^x within 2 units in the last place: x = n ln 2 + r, a polynomial of degree 6 in r (Cephes' expf), 2^n by the exponent's bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // Below the first bound the result is 0 within float32's normal numbers; above the second it would be infinite.
        x = Vector512.Max(x, Vector512.Create(-87.3f));
        x = Vector512.Min(x, Vector512.Create(88.3f));
        Vector512<float> n = Vector512.Round(x * 1.44269504f);
        Vector512<float> r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        return (p.AsInt32() + (Vector512.ConvertToInt32(n) << 23)).AsSingle();
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    public static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));

    /// <summary>The largest of sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(Vector512<float> x)
    {
        Vector256<float> eight = Vector256.Max(x.GetLower(), x.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return Math.Max(Math.Max(four[0], four[1]), Math.Max(four[2], four[3]));
    }

    /// <summary>to += from.</summary>
    public static unsafe void Add(float* from, float* to, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector512.Load(to + i) + Vector512.Load(from + i)).Store(to + i);
        }
        for (; i < count; i++)
        {
            to[i] += from[i];
        }
    }
}
