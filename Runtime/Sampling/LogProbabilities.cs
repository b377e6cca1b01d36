using Factory.Runtime.Engine;

namespace Factory.Runtime;

/// <summary>ln p of tokens from the logits of one position.</summary>
/// <param name="Normalizer">The logarithm of the softmax's denominator.</param>
internal readonly record struct LogProbabilities(double Normalizer)
{
    public static LogProbabilities FromLogits(ReadOnlySpan<float> logits) => new(LogSumExp.Compute(logits, logits[ArgMax.IndexOf(logits)]));

    public float ForLogit(float logit) => (float)(logit - Normalizer);

    /// <summary>The <paramref name="count"/> likeliest tokens, likeliest first, equal ones by rising id.</summary>
    public TokenLogProbability[] Top(ReadOnlySpan<float> logits, int count)
    {
        count = Math.Min(count, logits.Length);
        var top = new TokenLogProbability[count];
        int filled = 0;
        float least = float.NegativeInfinity;
        for (int id = 0; id < logits.Length; id++)
        {
            if (count == 0 || (filled == count && logits[id] <= least))
            {
                continue;
            }
            // An insertion is rare once the list is full: few later tokens beat its last.
            int at = filled == count ? count - 1 : filled++;
            for (; at > 0 && logits[top[at - 1].TokenId] < logits[id]; at--)
            {
                top[at] = top[at - 1];
            }
            top[at] = new TokenLogProbability(id, ForLogit(logits[id]));
            least = logits[top[filled - 1].TokenId];
        }
        return top;
    }
}
