using System.Numerics.Tensors;

namespace Factory.Runtime;

/// <summary>Draws an index with a chance in proportion to its weight: block by block first, then within the block.</summary>
internal static class WeightedDraw
{
    private const int Block = 512;

    /// <param name="weights">None negative.</param>
    public static double Sum(ReadOnlySpan<float> weights)
    {
        double sum = 0;
        for (int start = 0; start < weights.Length; start += Block)
        {
            sum += TensorPrimitives.Sum(weights.Slice(start, Math.Min(Block, weights.Length - start)));
        }
        return sum;
    }

    /// <param name="point">From 0 to below <see cref="Sum"/>.</param>
    public static int Pick(ReadOnlySpan<float> weights, double point)
    {
        int last = 0;
        for (int start = 0; start < weights.Length; start += Block)
        {
            ReadOnlySpan<float> block = weights.Slice(start, Math.Min(Block, weights.Length - start));
            float sum = TensorPrimitives.Sum(block);
            if (point >= sum)
            {
                point -= sum;
                last = sum > 0 ? start : last;
                continue;
            }
            for (int i = 0; i < block.Length; i++)
            {
                point -= block[i];
                if (point < 0)
                {
                    return start + i;
                }
            }
            // Rounding left a hair of the block's sum: its last token that has a weight.
            return start + block.LastIndexOfAnyExcept(0f);
        }
        return last + weights.Slice(last, Math.Min(Block, weights.Length - last)).LastIndexOfAnyExcept(0f);
    }
}
