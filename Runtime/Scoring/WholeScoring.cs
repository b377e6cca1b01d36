namespace Factory.Runtime;

/// <summary><see cref="ScoringPlan.Whole"/>: one after the other, piece by piece.</summary>
internal static class WholeScoring
{
    public static void Score(ScoringRun run, IReadOnlyList<ScoreItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }
        KvBuffers buffers = run.NewBuffers(slots: 1, items.Max(item => item.Ids.Length) - 1);
        foreach (ScoreItem item in items)
        {
            run.Feed(buffers, item.Ids, 0, item.Ids.Length - 1, item.ContextLength - 1, (position, logits) => item.Add(position + 1, logits));
            run.Done(1);
        }
    }
}
