using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>output = x · inverse · gain · scale with inverse = 1/sqrt(mean(x²) + epsilon) (arXiv 1910.07467), one pass for the sum and one for the products.</summary>
/// <typeparam name="T">Type of the output.</typeparam>
internal unsafe struct RmsNormKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    /// <summary>(rows, channels)</summary>
    public float* Input;

    /// <summary>(channels)</summary>
    public float* Gain;

    public float Scale;
    public double Epsilon;
    public long Channels;

    /// <summary>(rows, channels)</summary>
    public T* Output;

    /// <summary>(rows), kept for the gradient.</summary>
    public float* Inverse;

    /// <summary>Items are rows.</summary>
    public readonly void Run(long begin, long end)
    {
        for (long row = begin; row < end; row++)
        {
            float* x = Input + (row * Channels);
            float inverse = (float)(1 / Math.Sqrt((SumOfSquares(x, Channels) / Channels) + Epsilon));
            Inverse[row] = inverse;
            Vector512<float> factor = Vector512.Create(inverse * Scale);
            T* output = Output + (row * Channels);
            long i = 0;
            for (; i + 16 <= Channels; i += 16)
            {
                TElement.Store(output + i, Vector512.Load(x + i) * factor * Vector512.Load(Gain + i));
            }
            for (; i < Channels; i++)
            {
                TElement.Set(output + i, x[i] * (inverse * Scale) * Gain[i]);
            }
        }
    }

    private static double SumOfSquares(float* x, long count)
    {
        Vector512<float> a = default;
        Vector512<float> b = default;
        long i = 0;
        for (; i + 32 <= count; i += 32)
        {
            Vector512<float> first = Vector512.Load(x + i);
            Vector512<float> second = Vector512.Load(x + i + 16);
            a = Vector512.FusedMultiplyAdd(first, first, a);
            b = Vector512.FusedMultiplyAdd(second, second, b);
        }
        double sum = Vector512.Sum(a + b);
        for (; i < count; i++)
        {
            sum += (double)x[i] * x[i];
        }
        return sum;
    }
}
