using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>output = silu(gate) · up (arXiv 2002.05202), gate and up side by side as one linear map gives them.</summary>
internal unsafe struct SwiGluKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    /// <summary>(rows, 2 · inner): gate, then up.</summary>
    public T* GateUp;

    public long Inner;

    /// <summary>(rows, inner)</summary>
    public T* Output;

    /// <summary>Items are rows.</summary>
    public readonly void Run(long begin, long end)
    {
        for (long row = begin; row < end; row++)
        {
            T* gate = GateUp + (row * 2 * Inner);
            T* up = gate + Inner;
            T* output = Output + (row * Inner);
            long i = 0;
            for (; i + 16 <= Inner; i += 16)
            {
                Vector512<float> g = TElement.Load(gate + i);
                TElement.Store(output + i, g * VectorMath.Sigmoid(g) * TElement.Load(up + i));
            }
            for (; i < Inner; i++)
            {
                float g = TElement.Get(gate + i);
                TElement.Set(output + i, g * VectorMath.Sigmoid(g) * TElement.Get(up + i));
            }
        }
    }
}
