namespace Factory.Runtime;

/// <summary>Splits requests among workers: about as many tokens for each, one context's requests always together, neighbours in the order of their tokens too.</summary>
internal static class ScoringParts
{
    public static ScoreItem[][] Split(ScoreItem[] items, int workers)
    {
        if (workers == 1 || items.Length < 2)
        {
            return [items];
        }
        ScoreItem[] ordered = [.. items.OrderBy(item => item.Ids[..item.ContextLength], TokenOrder.Instance)];
        long share = (ordered.Sum(item => (long)item.Ids.Length) + workers - 1) / workers;
        List<ScoreItem[]> parts = [];
        (int start, long tokens) = (0, 0);
        for (int i = 0; i < ordered.Length; i++)
        {
            if (tokens >= share && !ordered[i].Context.SequenceEqual(ordered[i - 1].Context))
            {
                parts.Add(ordered[start..i]);
                (start, tokens) = (i, 0);
            }
            tokens += ordered[i].Ids.Length;
        }
        return [.. parts, ordered[start..]];
    }
}
