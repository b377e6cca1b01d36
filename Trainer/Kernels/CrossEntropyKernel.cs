using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>Cross-entropy of rows of logits and its gradient in their place: weight · (softmax − one at the label); rows without a label become 0.</summary>
internal unsafe struct CrossEntropyKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    /// <summary>(rows, vocabulary), overwritten.</summary>
    public T* Logits;

    public long Vocabulary;

    /// <summary>(rows); negative: counts for nothing.</summary>
    public long* Labels;

    /// <summary>Factor on the gradient.</summary>
    public float Weight;

    /// <summary>(rows), written: −log p(label), in nats; 0 without a label.</summary>
    public double* Losses;

    /// <summary>Items are rows.</summary>
    public readonly void Run(long begin, long end)
    {
        for (long row = begin; row < end; row++)
        {
            T* logits = Logits + (row * Vocabulary);
            long label = Labels[row];
            if (label < 0)
            {
                new Span<T>(logits, checked((int)Vocabulary)).Clear();
                Losses[row] = 0;
                continue;
            }
            float max = Max(logits);
            float atLabel = TElement.Get(logits + label);
            double sum = Powers(logits, max);
            Losses[row] = Math.Log(sum) + max - atLabel;
            Scale(logits, (float)(Weight / sum));
            TElement.Set(logits + label, (float)(Weight * ((Math.Exp(atLabel - max) / sum) - 1)));
        }
    }

    private readonly float Max(T* logits)
    {
        Vector512<float> largest = Vector512.Create(float.NegativeInfinity);
        long i = 0;
        for (; i + 16 <= Vocabulary; i += 16)
        {
            largest = Vector512.Max(largest, TElement.Load(logits + i));
        }
        float max = VectorMath.Max(largest);
        for (; i < Vocabulary; i++)
        {
            max = Math.Max(max, TElement.Get(logits + i));
        }
        return max;
    }

    /// <summary>e^(logit − max) in place of the logits.</summary>
    private readonly double Powers(T* logits, float max)
    {
        // Sums of sums: a vector takes a thousand numbers at most, so that float32 loses nothing that counts.
        const long Stretch = 16 * 64;
        Vector512<float> shift = Vector512.Create(max);
        double total = 0;
        long i = 0;
        while (i + 16 <= Vocabulary)
        {
            Vector512<float> sum = default;
            for (long end = Math.Min(Vocabulary - 15, i + Stretch); i < end; i += 16)
            {
                Vector512<float> power = VectorMath.Exp(TElement.Load(logits + i) - shift);
                TElement.Store(logits + i, power);
                sum += power;
            }
            total += Vector512.Sum(sum);
        }
        for (; i < Vocabulary; i++)
        {
            float power = MathF.Exp(TElement.Get(logits + i) - max);
            TElement.Set(logits + i, power);
            total += power;
        }
        return total;
    }

    private readonly void Scale(T* logits, float factor)
    {
        Vector512<float> factors = Vector512.Create(factor);
        long i = 0;
        for (; i + 16 <= Vocabulary; i += 16)
        {
            TElement.Store(logits + i, TElement.Load(logits + i) * factors);
        }
        for (; i < Vocabulary; i++)
        {
            TElement.Set(logits + i, TElement.Get(logits + i) * factor);
        }
    }
}
