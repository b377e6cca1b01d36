namespace Factory.Runtime;

/// <summary><see cref="ScoringPlan.Whole"/>: rows of similar length in one run, padded to the longest; what exceeds a run alone goes piece by piece.</summary>
internal static class WholeScoring
{
    /// <param name="window">Of the model; a row with its padding must stay within it.</param>
    public static void Score(ScoringRun run, IReadOnlyList<ScoreItem> items, int window)
    {
        if (items.Count == 0)
        {
            return;
        }
        ScoreItem[] byLength = [.. items.OrderBy(item => item.Ids.Length)];
        ScoreItem[] shorter = [.. byLength.TakeWhile(item => item.Ids.Length - 1 <= Math.Min(ScoringRun.BatchTokens / 2, window - 1))];
        if (shorter.Length > 0)
        {
            Batches(run, shorter);
        }
        if (byLength.Length > shorter.Length)
        {
            KvBuffers one = run.NewBuffers(slots: 1, byLength[^1].Ids.Length - 1);
            foreach (ScoreItem item in byLength.Skip(shorter.Length))
            {
                run.Feed(one, item.Ids, 0, item.Ids.Length - 1, item.ContextLength - 1, (position, logits) => item.Add(position + 1, logits));
                run.Done(1);
            }
        }
    }

    private static void Batches(ScoringRun run, ScoreItem[] items)
    {
        KvBuffers buffers = run.NewBuffers(Math.Min(items.Length, PaddedBatch.MostRows), run.Chunks.Padded(items[^1].Ids.Length - 1));
        for (int start = 0; start < items.Length;)
        {
            int count = PaddedBatch.Count(items, start, item => item.Ids.Length - 1, buffers.Slots);
            ScoreItem[] batch = items[start..(start + count)];
            PaddedBatch.Run(run, buffers, first: 0, [.. batch.Select(item => item.Ids[..^1])], [.. batch.Select(item => item.Fed + 1)]);
            int row = 0;
            foreach (ScoreItem item in batch)
            {
                for (int position = item.ContextLength; position < item.Ids.Length; position++)
                {
                    item.Add(position, run.Logits(row++));
                }
            }
            run.Done(count);
            start += count;
        }
    }
}
