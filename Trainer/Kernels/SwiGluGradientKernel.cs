using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>Gradient of <see cref="SwiGluKernel{T, TElement}"/>: up' = y' silu(g), gate' = y' up σ(g) (1 + g (1 − σ(g))).</summary>
internal unsafe struct SwiGluGradientKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    /// <summary>(rows, 2 · inner): gate, then up.</summary>
    public T* GateUp;

    public long Inner;

    /// <summary>(rows, inner)</summary>
    public T* OutputGradient;

    /// <summary>(rows, 2 · inner), written.</summary>
    public T* Gradient;

    /// <summary>Items are rows.</summary>
    public readonly void Run(long begin, long end)
    {
        for (long row = begin; row < end; row++)
        {
            T* gate = GateUp + (row * 2 * Inner);
            T* gradient = Gradient + (row * 2 * Inner);
            T* dy = OutputGradient + (row * Inner);
            long i = 0;
            for (; i + 16 <= Inner; i += 16)
            {
                Vector512<float> g = TElement.Load(gate + i);
                Vector512<float> sigmoid = VectorMath.Sigmoid(g);
                Vector512<float> d = TElement.Load(dy + i);
                TElement.Store(gradient + Inner + i, d * g * sigmoid);
                Vector512<float> slope = sigmoid * Vector512.FusedMultiplyAdd(g, Vector512<float>.One - sigmoid, Vector512<float>.One);
                TElement.Store(gradient + i, d * TElement.Load(gate + Inner + i) * slope);
            }
            for (; i < Inner; i++)
            {
                float g = TElement.Get(gate + i);
                float sigmoid = VectorMath.Sigmoid(g);
                float d = TElement.Get(dy + i);
                TElement.Set(gradient + Inner + i, d * g * sigmoid);
                TElement.Set(gradient + i, d * TElement.Get(gate + Inner + i) * (sigmoid * (1 + (g * (1 - sigmoid)))));
            }
        }
    }
}
