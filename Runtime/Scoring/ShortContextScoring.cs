namespace Factory.Runtime;

/// <summary>
/// <see cref="ScoringPlan.ShortContext"/>:
/// <code>
/// contexts, in padded batches ─► their logits: the first token of every continuation
///         └─ keys and values, copied once per continuation ─► steps: one token of every continuation that has more
/// </code>
/// </summary>
internal sealed class ShortContextScoring
{
    private const int MostRows = 64;
    private const long MostBytes = 1L << 30;

    private readonly ScoringRun _run;
    private readonly KvBuffers _contexts;
    private readonly KvBuffers _rows;

    private ShortContextScoring(ScoringRun run, IReadOnlyList<IReadOnlyList<ScoreItem>> contexts)
    {
        _run = run;
        int context = contexts.Max(items => items[0].ContextLength);
        int longest = contexts.Max(items => items.Max(item => item.ContextLength + item.Fed));
        int rows = (int)Math.Clamp(MostBytes / (longest * run.BytesPerToken), 1, Math.Min(MostRows, contexts.Sum(items => items.Count)));
        _contexts = run.NewBuffers(Math.Min(contexts.Count, PaddedBatch.MostRows), run.Chunks.Padded(context));
        _rows = run.NewBuffers(rows, longest);
    }

    /// <param name="contexts">Requests by context.</param>
    public static void Score(ScoringRun run, IReadOnlyList<IReadOnlyList<ScoreItem>> contexts)
    {
        if (contexts.Count > 0)
        {
            new ShortContextScoring(run, contexts).Score(contexts);
        }
    }

    private void Score(IReadOnlyList<IReadOnlyList<ScoreItem>> contexts)
    {
        // More continuations than rows: the context is computed again for the rest.
        ScoreItem[][] ordered = [.. contexts.SelectMany(items => items.OrderBy(item => item.Fed).Chunk(_rows.Slots)).OrderBy(items => items[0].ContextLength).ThenBy(items => items[^1].Fed)];
        for (int start = 0; start < ordered.Length;)
        {
            int end = start;
            int rows = 0;
            while (end < ordered.Length && rows + Rows(ordered[end]) <= _rows.Slots)
            {
                rows += Rows(ordered[end++]);
            }
            Wave(ordered[start..end]);
            start = end;
        }

        static int Rows(ScoreItem[] items) => items.Count(item => item.Fed > 0);
    }

    /// <summary>As many contexts as their continuations have rows.</summary>
    private void Wave(ScoreItem[][] contexts)
    {
        // The longest first: rows that are done are always the last ones.
        ScoreItem[] rows = [.. contexts.SelectMany(items => items).Where(item => item.Fed > 0).OrderByDescending(item => item.Fed)];
        Dictionary<ScoreItem, int> rowOf = rows.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        for (int start = 0; start < contexts.Length;)
        {
            int count = PaddedBatch.Count(contexts, start, items => items[0].ContextLength, _contexts.Slots);
            Contexts(contexts[start..(start + count)], rowOf);
            start += count;
        }
        for (int step = 0; rows.Length > 0 && step < rows[0].Fed; step++)
        {
            rows = [.. rows.TakeWhile(item => item.Fed > step)];
            Step(rows, step);
        }
        _run.Done(contexts.Sum(items => items.Length));
    }

    private void Contexts(ScoreItem[][] batch, Dictionary<ScoreItem, int> rowOf)
    {
        PaddedBatch.Run(_run, _contexts, Array.ConvertAll(batch, items => items[0].Context.ToArray()), Array.ConvertAll(batch, _ => 1));
        for (int i = 0; i < batch.Length; i++)
        {
            ReadOnlySpan<float> logits = _run.Logits(i);
            var distribution = Distribution.FromLogits(logits);
            foreach (ScoreItem item in batch[i])
            {
                item.Add(item.ContextLength, logits, distribution);
                if (rowOf.TryGetValue(item, out int row))
                {
                    KvBuffers.Copy(_contexts, i, _rows, row, item.ContextLength);
                }
            }
        }
    }

    private void Step(ScoreItem[] rows, int step)
    {
        _run.Forward(
            _rows,
            first: 0,
            rows.Length,
            Array.ConvertAll(rows, item => (long)item.Ids[item.ContextLength + step]),
            Array.ConvertAll(rows, item => item.ContextLength + step),
            Array.ConvertAll(Enumerable.Range(0, rows.Length).ToArray(), row => (long)row));
        for (int row = 0; row < rows.Length; row++)
        {
            rows[row].Add(rows[row].ContextLength + step + 1, _run.Logits(row));
        }
    }
}
