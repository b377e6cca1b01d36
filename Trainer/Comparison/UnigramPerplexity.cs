using Factory.Trainer.Tokens;

namespace Factory.Trainer.Comparison;

/// <summary>What a model reaches that knows how often each token comes and nothing else: the plateau on which diverged runs end.</summary>
internal static class UnigramPerplexity
{
    private const int BlockSize = 1 << 16;

    /// <summary>exp of the entropy of the first <paramref name="count"/> tokens' frequencies.</summary>
    public static double Measure(TokenSplit tokens, int vocabulary, long count)
    {
        var frequencies = new long[vocabulary];
        long total = Math.Min(count, tokens.Count);
        var block = new int[BlockSize];
        for (long at = 0; at < total; at += BlockSize)
        {
            Span<int> ids = block.AsSpan(0, (int)Math.Min(BlockSize, total - at));
            tokens.Read(at, ids);
            foreach (int id in ids)
            {
                frequencies[id]++;
            }
        }
        return Math.Exp(-frequencies.Where(frequency => frequency > 0).Sum(frequency => (double)frequency / total * Math.Log((double)frequency / total)));
    }
}
