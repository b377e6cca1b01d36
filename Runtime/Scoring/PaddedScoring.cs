namespace Factory.Runtime;

/// <summary><see cref="ScoringPlan.Batch"/> where nothing is shared: rows of similar length in one run, padded behind to the longest. What stands behind a row's own tokens is never looked at.</summary>
internal static class PaddedScoring
{
    /// <summary>Each row touches at least a page of memory per block and head.</summary>
    private const int MostRows = 64;

    public static void Score(ScoringRun run, IReadOnlyList<ScoreItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        ScoreItem[] byLength = [.. items.OrderBy(item => item.Ids.Length)];
        KvBuffers buffers = run.NewBuffers(Math.Min(byLength.Length, MostRows), run.Chunks.Padded(byLength[^1].Ids.Length - 1));
        for (int start = 0; start < byLength.Length;)
        {
            int count = Count(byLength, start, buffers.Slots);
            ScoreItem[] batch = byLength[start..(start + count)];
            Run(run, buffers, batch);
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

    /// <summary>How many of the items from <paramref name="start"/> on fit one run.</summary>
    private static int Count(ScoreItem[] byLength, int start, int most)
    {
        int count = 1;
        while (count < most && start + count < byLength.Length && (count + 1) * (byLength[start + count].Ids.Length - 1) <= ScoringRun.BatchTokens)
        {
            count++;
        }
        return count;
    }

    private static void Run(ScoringRun run, KvBuffers buffers, ScoreItem[] batch)
    {
        int time = run.Chunks.Padded(batch.Max(item => item.Ids.Length - 1));
        long[] ids = new long[batch.Length * time];
        List<long> rows = [];
        foreach ((int index, ScoreItem item) in batch.Index())
        {
            int length = item.Ids.Length - 1;
            for (int at = 0; at < length; at++)
            {
                ids[(index * time) + at] = item.Ids[at];
            }
            for (int at = item.ContextLength - 1; at < length; at++)
            {
                rows.Add((index * time) + at);
            }
        }
        run.Forward(buffers, batch.Length, ids, Array.ConvertAll(batch, item => item.Ids.Length - 2), rows.ToArray());
    }
}
