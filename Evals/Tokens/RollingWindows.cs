namespace Factory.Evals.Tokens;

/// <summary>
/// Cuts a long text into pieces that a model can score, each token once:
/// <code>
/// [prefix] ids[0 .. L)          first window: L = context length
/// ids[L−1] ids[L .. 2L)         a full window's context is the one token before it
/// ids[…]   ids[kL .. n)         the last, shorter one has as many tokens before it as still fit
/// </code>
/// </summary>
public static class RollingWindows
{
    /// <param name="ids">Tokens to score.</param>
    /// <param name="prefixTokenId">Stands before the first.</param>
    /// <param name="length">The model's context length.</param>
    public static IEnumerable<TokenPair> Cut(int[] ids, int prefixTokenId, int length)
    {
        for (int start = 0; start < ids.Length; start += length)
        {
            int end = Math.Min(start + length, ids.Length);
            // The context holds at most length - (end - start) + 1 tokens, as the last token of a window is only predicted.
            yield return new TokenPair(start == 0 ? [prefixTokenId] : ids[(end - length - 1)..start], ids[start..end]);
        }
    }
}
