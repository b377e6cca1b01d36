using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Moves one head between the packed rows of a linear map and dense float32 matrices, turning queries and keys by their positions on the way
/// (half-split pairs: channel i with channel i + headSize/2, arXiv 2104.09864).
/// </summary>
internal static unsafe class HeadPacking<T, TElement>
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    /// <summary>Copies a head, rotated, times <paramref name="scale"/>, to (time, paddedHead), and where asked also transposed to (paddedHead, paddedTime).</summary>
    /// <param name="source">First number of the head in the first token's row.</param>
    /// <param name="sourceRow">Numbers from one token to the next.</param>
    /// <param name="cosine">(time, headSize / 2), or null for values, which are not rotated.</param>
    public static void Pack(T* source, long sourceRow, in AttentionShape shape, float* cosine, float* sine, float scale, float* dense, float* transposed)
    {
        long half = shape.HeadSize / 2;
        for (long t = 0; t < shape.Time; t++)
        {
            T* from = source + (t * sourceRow);
            float* to = dense + (t * shape.PaddedHead);
            long i = 0;
            for (Vector512<float> factor = Vector512.Create(scale); i + 16 <= half; i += 16)
            {
                Vector512<float> first = TElement.Load(from + i) * factor;
                Vector512<float> second = TElement.Load(from + half + i) * factor;
                if (cosine is not null)
                {
                    Vector512<float> c = Vector512.Load(cosine + (t * half) + i);
                    Vector512<float> s = Vector512.Load(sine + (t * half) + i);
                    (first, second) = ((first * c) - (second * s), (second * c) + (first * s));
                }
                first.Store(to + i);
                second.Store(to + half + i);
            }
            for (; i < half; i++)
            {
                float first = TElement.Get(from + i) * scale;
                float second = TElement.Get(from + half + i) * scale;
                if (cosine is not null)
                {
                    float c = cosine[(t * half) + i];
                    float s = sine[(t * half) + i];
                    (first, second) = ((first * c) - (second * s), (second * c) + (first * s));
                }
                to[i] = first;
                to[half + i] = second;
            }
            for (i = shape.HeadSize; i < shape.PaddedHead; i++)
            {
                to[i] = 0;
            }
        }
        if (transposed is not null)
        {
            Transpose(dense, shape, transposed);
        }
    }

    /// <summary>The way back for gradients: turns by the opposite angle and stores in the packed rows.</summary>
    public static void Unpack(float* dense, in AttentionShape shape, float* cosine, float* sine, float scale, T* target, long targetRow)
    {
        long half = shape.HeadSize / 2;
        for (long t = 0; t < shape.Time; t++)
        {
            float* from = dense + (t * shape.PaddedHead);
            T* to = target + (t * targetRow);
            long i = 0;
            for (Vector512<float> factor = Vector512.Create(scale); i + 16 <= half; i += 16)
            {
                Vector512<float> first = Vector512.Load(from + i) * factor;
                Vector512<float> second = Vector512.Load(from + half + i) * factor;
                if (cosine is not null)
                {
                    Vector512<float> c = Vector512.Load(cosine + (t * half) + i);
                    Vector512<float> s = Vector512.Load(sine + (t * half) + i);
                    (first, second) = ((first * c) + (second * s), (second * c) - (first * s));
                }
                TElement.Store(to + i, first);
                TElement.Store(to + half + i, second);
            }
            for (; i < half; i++)
            {
                float first = from[i] * scale;
                float second = from[half + i] * scale;
                if (cosine is not null)
                {
                    float c = cosine[(t * half) + i];
                    float s = sine[(t * half) + i];
                    (first, second) = ((first * c) + (second * s), (second * c) - (first * s));
                }
                TElement.Set(to + i, first);
                TElement.Set(to + half + i, second);
            }
        }
    }

    /// <summary>A row without rotation.</summary>
    public static void Copy(float* from, T* to, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            TElement.Store(to + i, Vector512.Load(from + i));
        }
        for (; i < count; i++)
        {
            TElement.Set(to + i, from[i]);
        }
    }

    private static void Transpose(float* dense, in AttentionShape shape, float* transposed)
    {
        for (long top = 0; top < shape.PaddedTime; top += Transposition.Side)
        {
            long rows = Math.Min(Transposition.Side, shape.Time - top);
            for (long left = 0; left < shape.PaddedHead; left += Transposition.Side)
            {
                Transposition.Run(dense + (top * shape.PaddedHead) + left, shape.PaddedHead, rows, transposed + (left * shape.PaddedTime) + top, shape.PaddedTime);
            }
        }
    }
}
