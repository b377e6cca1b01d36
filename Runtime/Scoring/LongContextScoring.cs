namespace Factory.Runtime;

/// <summary><see cref="ScoringPlan.LongContext"/>, in the order of their tokens: neighbours share the most, the examples in front of a question for instance.</summary>
internal static class LongContextScoring
{
    /// <param name="contexts">Requests by context.</param>
    public static void Score(ScoringRun run, IReadOnlyList<IReadOnlyList<ScoreItem>> contexts)
    {
        if (contexts.Count == 0)
        {
            return;
        }
        KvBuffers buffers = run.NewBuffers(slots: 1, contexts.Max(items => items.Max(item => item.Ids.Length - 1)));
        int[] held = [];
        foreach (IReadOnlyList<ScoreItem> items in contexts.OrderBy(items => items[0].Ids, TokenOrder.Instance))
        {
            ScoreItem first = items[0];
            int length = first.ContextLength;
            // At least two tokens are left to compute, see ChunkSize.
            int shared = Math.Min(held.AsSpan().CommonPrefixLength(first.Context), length - 2);
            run.Feed(buffers, first.Ids, shared, length, length - 1, (_, logits) =>
            {
                var distribution = Distribution.FromLogits(logits);
                foreach (ScoreItem item in items)
                {
                    item.Add(length, logits, distribution);
                }
            });
            held = first.Context.ToArray();
            foreach (ScoreItem item in items)
            {
                // The next continuation overwrites this one's keys and values.
                run.Feed(buffers, item.Ids, length, length + item.Fed, length, (position, logits) => item.Add(position + 1, logits));
            }
            run.Done(items.Count);
        }
    }
}
