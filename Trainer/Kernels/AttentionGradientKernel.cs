using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>
/// Gradient of <see cref="AttentionKernel{T, TElement}"/>, probabilities made anew from the kept sums (arXiv 2205.14135, algorithm 4). One item is
/// one key head of one sequence with all its query heads, so that nothing is added across threads. With P the probabilities, S the scores and
/// O the output: V' = Pᵀ O', P' = O' Vᵀ, S' = P (P' − Σ O' O), Q' = S' K, K' = S'ᵀ Q.
/// </summary>
internal unsafe struct AttentionGradientKernel<T, TElement> : ILoopBody
    where T : unmanaged
    where TElement : struct, IElement<T>
{
    public AttentionShape Shape;
    public T* Packed;
    public float* Cosine;
    public float* Sine;

    /// <summary>(batch · time, heads, headSize)</summary>
    public T* Output;
    public T* OutputGradient;

    /// <summary>(batch, heads, time)</summary>
    public float* LogSums;

    /// <summary>As <see cref="Packed"/>, written.</summary>
    public T* Gradient;

    /// <summary>Items are (sequence, key head).</summary>
    public readonly void Run(long begin, long end)
    {
        AttentionShape shape = Shape;
        long matrix = shape.PaddedTime * shape.PaddedHead;
        long tile = AttentionShape.TileRows * shape.PaddedTime;
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)(sizeof(float) * ((10 * matrix) + (2 * tile))), 64);
        var work = new Work
        {
            Query = memory,
            Key = memory + matrix,
            KeyTransposed = memory + (2 * matrix),
            Value = memory + (3 * matrix),
            ValueTransposed = memory + (4 * matrix),
            Out = memory + (5 * matrix),
            OutGradient = memory + (6 * matrix),
            QueryGradient = memory + (7 * matrix),
            KeyGradient = memory + (8 * matrix),
            ValueGradient = memory + (9 * matrix),
            Probabilities = memory + (10 * matrix),
            Slopes = memory + (10 * matrix) + tile,
        };
        for (long item = begin; item < end; item++)
        {
            KeyHead(item / shape.KeyValueHeads, item % shape.KeyValueHeads, shape, work);
        }
        NativeMemory.AlignedFree(memory);
    }

    private readonly void KeyHead(long sequence, long shared, in AttentionShape shape, in Work work)
    {
        nuint bytes = (nuint)(sizeof(float) * shape.PaddedTime * shape.PaddedHead);
        long outputRow = shape.Heads * shape.HeadSize;
        T* rows = Packed + (sequence * shape.Time * shape.RowSize);
        T* gradients = Gradient + (sequence * shape.Time * shape.RowSize);
        long keyAt = (shape.Heads + shared) * shape.HeadSize;
        long valueAt = (shape.Heads + shape.KeyValueHeads + shared) * shape.HeadSize;
        HeadPacking<T, TElement>.Pack(rows + keyAt, shape.RowSize, shape, Cosine, Sine, 1, work.Key, work.KeyTransposed);
        HeadPacking<T, TElement>.Pack(rows + valueAt, shape.RowSize, shape, null, null, 1, work.Value, work.ValueTransposed);
        NativeMemory.Clear(work.KeyGradient, bytes);
        NativeMemory.Clear(work.ValueGradient, bytes);
        for (long head = shared * shape.Group; head < (shared + 1) * shape.Group; head++)
        {
            long outputAt = (sequence * shape.Time * outputRow) + (head * shape.HeadSize);
            HeadPacking<T, TElement>.Pack(rows + (head * shape.HeadSize), shape.RowSize, shape, Cosine, Sine, shape.ScoreScale, work.Query, null);
            HeadPacking<T, TElement>.Pack(Output + outputAt, outputRow, shape, null, null, 1, work.Out, null);
            HeadPacking<T, TElement>.Pack(OutputGradient + outputAt, outputRow, shape, null, null, 1, work.OutGradient, null);
            float* logSums = LogSums + (((sequence * shape.Heads) + head) * shape.Time);
            for (long top = 0; top < shape.Time; top += AttentionShape.TileRows)
            {
                Tile(top, logSums, shape, work);
            }
            // The query was packed times the scores' scale, which therefore is on its gradient once more and in the key's already.
            HeadPacking<T, TElement>.Unpack(work.QueryGradient, shape, Cosine, Sine, shape.ScoreScale, gradients + (head * shape.HeadSize), shape.RowSize);
        }
        HeadPacking<T, TElement>.Unpack(work.KeyGradient, shape, Cosine, Sine, 1, gradients + keyAt, shape.RowSize);
        HeadPacking<T, TElement>.Unpack(work.ValueGradient, shape, null, null, 1, gradients + valueAt, shape.RowSize);
    }

    private static void Tile(long top, float* logSums, in AttentionShape shape, in Work work)
    {
        (long time, long size) = (shape.PaddedTime, shape.PaddedHead);
        long count = Math.Min(AttentionShape.TileRows, shape.Time - top);
        long keys = Math.Min(time, (top + count + 15) / 16 * 16);
        long realKeys = Math.Min(keys, shape.Time);
        float* query = work.Query + (top * size);
        float* outGradient = work.OutGradient + (top * size);
        TileProduct.Run(count, keys, size, query, size, 1, work.KeyTransposed, time, work.Probabilities, time, add: false);
        TileProduct.Run(count, keys, size, outGradient, size, 1, work.ValueTransposed, time, work.Slopes, time, add: false);
        for (long row = 0; row < count; row++)
        {
            float delta = Dot(outGradient + (row * size), work.Out + ((top + row) * size), size);
            Row(work.Probabilities + (row * time), work.Slopes + (row * time), top + row + 1, keys, logSums[top + row], delta);
        }
        TileProduct.Run(realKeys, size, count, work.Probabilities, 1, time, outGradient, size, work.ValueGradient, size, add: true);
        TileProduct.Run(realKeys, size, count, work.Slopes, 1, time, query, size, work.KeyGradient, size, add: true);
        TileProduct.Run(count, size, realKeys, work.Slopes, time, 1, work.Key, size, work.QueryGradient + (top * size), size, add: false);
    }

    /// <summary>Scores become probabilities and the probabilities' gradient the scores', both 0 beyond the query.</summary>
    private static void Row(float* probabilities, float* slopes, long count, long padded, float logSum, float delta)
    {
        Vector512<float> shift = Vector512.Create(logSum);
        Vector512<float> pull = Vector512.Create(delta);
        for (long i = 0; i < padded; i += 16)
        {
            Vector512<float> probability = VectorMath.Exp(Vector512.Load(probabilities + i) - shift);
            probability.Store(probabilities + i);
            (probability * (Vector512.Load(slopes + i) - pull)).Store(slopes + i);
        }
        for (long i = count; i < padded; i++)
        {
            probabilities[i] = 0;
            slopes[i] = 0;
        }
    }

    private static float Dot(float* a, float* b, long count)
    {
        Vector512<float> sum = default;
        for (long i = 0; i < count; i += 16)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), sum);
        }
        return Vector512.Sum(sum);
    }

    /// <summary>One thread's matrices: (paddedTime, paddedHead) each, transposed ones the other way; the last two (tile rows, paddedTime).</summary>
    private struct Work
    {
        public float* Query;
        public float* Key;
        public float* KeyTransposed;
        public float* Value;
        public float* ValueTransposed;
        public float* Out;
        public float* OutGradient;
        public float* QueryGradient;
        public float* KeyGradient;
        public float* ValueGradient;
        public float* Probabilities;
        public float* Slopes;
    }
}
