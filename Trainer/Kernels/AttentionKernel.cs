using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Causal scaled dot-product attention with rotary positions inside. One item is one head of one sequence: its keys and values are packed once,
/// then tiles of query rows go through scores, softmax and the mix of values while they are in the cache.
/// </summary>
internal unsafe struct AttentionKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    public AttentionShape Shape;

    /// <summary>(batch · time, heads + 2 · keyValueHeads, headSize): queries, keys, values.</summary>
    public T* Packed;

    /// <summary>(time, headSize / 2)</summary>
    public float* Cosine;
    public float* Sine;

    /// <summary>(batch · time, heads, headSize), written.</summary>
    public T* Output;

    /// <summary>(batch, heads, time), written: log of the sum of e^score, from which the gradient restores the probabilities.</summary>
    public float* LogSums;

    /// <summary>Items are (sequence, head).</summary>
    public readonly void Run(long begin, long end)
    {
        AttentionShape shape = Shape;
        long matrix = shape.PaddedTime * shape.PaddedHead;
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)(sizeof(float) * ((4 * matrix) + (AttentionShape.TileRows * (shape.PaddedTime + shape.PaddedHead)))), 64);
        float* query = memory;
        float* key = query + matrix;
        float* keyTransposed = key + matrix;
        float* value = keyTransposed + matrix;
        float* scores = value + matrix;
        float* mixed = scores + (AttentionShape.TileRows * shape.PaddedTime);
        for (long item = begin; item < end; item++)
        {
            long sequence = item / shape.Heads;
            long head = item % shape.Heads;
            T* rows = Packed + (sequence * shape.Time * shape.RowSize);
            long shared = head / shape.Group;
            HeadPacking<T, TElement>.Pack(rows + (head * shape.HeadSize), shape.RowSize, shape, Cosine, Sine, shape.ScoreScale, query, null);
            HeadPacking<T, TElement>.Pack(rows + ((shape.Heads + shared) * shape.HeadSize), shape.RowSize, shape, Cosine, Sine, 1, key, keyTransposed);
            HeadPacking<T, TElement>.Pack(rows + ((shape.Heads + shape.KeyValueHeads + shared) * shape.HeadSize), shape.RowSize, shape, null, null, 1, value, null);
            float* logSums = LogSums + (item * shape.Time);
            T* output = Output + (((sequence * shape.Time * shape.Heads) + head) * shape.HeadSize);
            for (long top = 0; top < shape.Time; top += AttentionShape.TileRows)
            {
                long count = Math.Min(AttentionShape.TileRows, shape.Time - top);
                long keys = Math.Min(shape.PaddedTime, (top + count + 15) / 16 * 16);
                TileProduct.Run(count, keys, shape.PaddedHead, query + (top * shape.PaddedHead), shape.PaddedHead, 1, keyTransposed, shape.PaddedTime, scores, shape.PaddedTime, add: false);
                for (long row = 0; row < count; row++)
                {
                    logSums[top + row] = Softmax(scores + (row * shape.PaddedTime), top + row + 1, keys);
                }
                TileProduct.Run(count, shape.PaddedHead, Math.Min(keys, shape.Time), scores, shape.PaddedTime, 1, value, shape.PaddedHead, mixed, shape.PaddedHead, add: false);
                for (long row = 0; row < count; row++)
                {
                    HeadPacking<T, TElement>.Copy(mixed + (row * shape.PaddedHead), output + ((top + row) * shape.Heads * shape.HeadSize), shape.HeadSize);
                }
            }
        }
        NativeMemory.AlignedFree(memory);
    }

    /// <summary>Probabilities of the first <paramref name="count"/> scores in their place, zeros up to <paramref name="padded"/>.</summary>
    /// <returns>log of the sum of e^score.</returns>
    private static float Softmax(float* scores, long count, long padded)
    {
        for (long i = count; i < padded; i++)
        {
            scores[i] = float.NegativeInfinity;
        }
        Vector512<float> largest = Vector512.Load(scores);
        for (long i = 16; i < padded; i += 16)
        {
            largest = Vector512.Max(largest, Vector512.Load(scores + i));
        }
        float max = VectorMath.Max(largest);
        Vector512<float> shift = Vector512.Create(max);
        Vector512<float> sums = default;
        for (long i = 0; i < padded; i += 16)
        {
            Vector512<float> power = VectorMath.Exp(Vector512.Load(scores + i) - shift);
            power.Store(scores + i);
            sums += power;
        }
        // What lies beyond the query is e^-87 by now, not quite nothing.
        float sum = Vector512.Sum(sums);
        Vector512<float> inverse = Vector512.Create(1 / sum);
        for (long i = 0; i < padded; i += 16)
        {
            (Vector512.Load(scores + i) * inverse).Store(scores + i);
        }
        for (long i = count; i < padded; i++)
        {
            scores[i] = 0;
        }
        return max + MathF.Log(sum);
    }
}
