using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Gradient of <see cref="RmsNormKernel{T, TElement}"/>. With w = gain · scale and y' the output's gradient:
/// x' = inverse · (w y' − x · inverse² · mean(w y' x)), and gain' sums y' x · inverse · scale over the rows.
/// </summary>
internal unsafe struct RmsNormGradientKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    /// <summary>Parts that the rows are cut into, each with a sum of its own: a fixed number, so that the sums do not depend on the threads.</summary>
    public const int Parts = 16;

    public float* Input;
    public float* Gain;
    public float Scale;
    public long Rows;
    public long Channels;
    public float* Inverse;

    /// <summary>(rows, channels)</summary>
    public T* OutputGradient;

    /// <summary>(rows, channels), written.</summary>
    public float* InputGradient;

    /// <summary>(parts, channels), zeros at first.</summary>
    public float* GainGradients;

    /// <summary>Items are parts.</summary>
    public readonly void Run(long begin, long end)
    {
        for (long part = begin; part < end; part++)
        {
            float* sums = GainGradients + (part * Channels);
            for (long row = part * Rows / Parts; row < (part + 1) * Rows / Parts; row++)
            {
                Row(row, sums);
            }
        }
    }

    private readonly void Row(long row, float* sums)
    {
        float* x = Input + (row * Channels);
        T* dy = OutputGradient + (row * Channels);
        float* dx = InputGradient + (row * Channels);
        float inverse = Inverse[row];
        Vector512<float> total = default;
        long i = 0;
        for (; i + 16 <= Channels; i += 16)
        {
            total = Vector512.FusedMultiplyAdd(TElement.Load(dy + i) * Vector512.Load(Gain + i), Vector512.Load(x + i), total);
        }
        float dot = Vector512.Sum(total);
        for (; i < Channels; i++)
        {
            dot += TElement.Get(dy + i) * Gain[i] * x[i];
        }
        float normed = inverse * Scale;                                      // of x in the gain's gradient, and of y' in the input's
        float pull = normed * inverse * inverse * (dot / Channels);           // of x in the input's gradient
        Vector512<float> normedVector = Vector512.Create(normed);
        Vector512<float> pullVector = Vector512.Create(pull);
        for (i = 0; i + 16 <= Channels; i += 16)
        {
            Vector512<float> xs = Vector512.Load(x + i);
            Vector512<float> scaled = TElement.Load(dy + i) * normedVector;
            Vector512.FusedMultiplyAdd(scaled, xs, Vector512.Load(sums + i)).Store(sums + i);
            ((scaled * Vector512.Load(Gain + i)) - (xs * pullVector)).Store(dx + i);
        }
        for (; i < Channels; i++)
        {
            float scaled = TElement.Get(dy + i) * normed;
            sums[i] += scaled * x[i];
            dx[i] = (scaled * Gain[i]) - (x[i] * pull);
        }
    }
}
