using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>Sums of squares over stretches of one float32 buffer. Long stretches are cut into pieces of a fixed length, so that no sum depends on the threads.</summary>
internal unsafe struct SquareSumKernel : ILoopBody
{
    private const long PieceLength = 1 << 15;

    private float* _values;
    private Span* _pieces;
    private double* _sums;

    /// <summary>The sum of squares of each span, in float64 from one piece of a thousand numbers to the next.</summary>
    public static double[] Run(float* values, ReadOnlySpan<Span> spans)
    {
        int count = 0;
        foreach (Span span in spans)
        {
            count += Pieces(span);
        }
        var pieces = new Span[count];
        var sums = new double[count];
        int filled = 0;
        foreach (Span span in spans)
        {
            for (long start = 0; start < span.Count; start += PieceLength)
            {
                pieces[filled++] = new Span(span.Start + start, Math.Min(PieceLength, span.Count - start));
            }
        }
        fixed (Span* first = pieces)
        fixed (double* firstSum = sums)
        {
            Loop.For(count, 1, new SquareSumKernel { _values = values, _pieces = first, _sums = firstSum });
        }
        var result = new double[spans.Length];
        int piece = 0;
        for (int i = 0; i < result.Length; i++)
        {
            for (int end = piece + Pieces(spans[i]); piece < end; piece++)
            {
                result[i] += sums[piece];
            }
        }
        return result;
    }

    /// <summary>Items are pieces.</summary>
    public readonly void Run(long begin, long end)
    {
        for (long piece = begin; piece < end; piece++)
        {
            _sums[piece] = Sum(_values + _pieces[piece].Start, _pieces[piece].Count);
        }
    }

    private static double Sum(float* values, long count)
    {
        // A vector of float32 sums takes 64 numbers a lane at most.
        const long Stretch = 16 * 64;
        double total = 0;
        long i = 0;
        while (i + 16 <= count)
        {
            Vector512<float> sum = default;
            for (long end = Math.Min(count - 15, i + Stretch); i < end; i += 16)
            {
                Vector512<float> value = Vector512.Load(values + i);
                sum = Vector512.FusedMultiplyAdd(value, value, sum);
            }
            total += Vector512.Sum(sum);
        }
        for (; i < count; i++)
        {
            total += (double)values[i] * values[i];
        }
        return total;
    }

    private static int Pieces(Span span) => (int)((span.Count + PieceLength - 1) / PieceLength);

    /// <param name="Start">First number.</param>
    /// <param name="Count">How many.</param>
    internal readonly record struct Span(long Start, long Count);
}
