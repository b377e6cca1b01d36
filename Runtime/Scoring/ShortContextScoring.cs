namespace Factory.Runtime;

/// <summary>
/// <see cref="ScoringPlan.ShortContext"/>:
/// <code>
/// contexts, in padded batches ─► their logits: the first token of every continuation
///         └─ keys and values, copied once per continuation ─► steps: one token of as many continuations as there are rows
/// </code>
/// A row whose continuation ends takes the next one: a step with few rows costs nearly as much as one with many.
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
        _contexts = Buffers(run.Chunks.Padded(contexts.Max(items => items[0].ContextLength)), contexts.Count);
        _rows = Buffers(contexts.Max(items => items.Max(item => item.ContextLength + item.Fed)), contexts.Sum(items => items.Count));

        KvBuffers Buffers(int capacity, int most) =>
            run.NewBuffers((int)Math.Clamp(MostBytes / (capacity * run.BytesPerToken), 1, Math.Min(MostRows, most)), capacity);
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
        // The longest continuations together, since the last steps are theirs.
        foreach (IReadOnlyList<ScoreItem>[] held in contexts.OrderByDescending(items => items.Max(item => item.Fed)).Chunk(_contexts.Slots))
        {
            Dictionary<ScoreItem, int> slotOf = Contexts([.. held.OrderBy(items => items[0].ContextLength)]);
            Continuations(ContinuationRow.Spread(slotOf.Keys.Where(item => item.Fed > 0), _rows.Slots), slotOf);
        }
    }

    /// <summary>Computes contexts and the first token of every continuation.</summary>
    /// <param name="contexts">As many as there are slots at most, by rising length.</param>
    /// <returns>The slot of each request's context.</returns>
    private Dictionary<ScoreItem, int> Contexts(IReadOnlyList<ScoreItem>[] contexts)
    {
        Dictionary<ScoreItem, int> slotOf = [];
        for (int start = 0; start < contexts.Length;)
        {
            int count = PaddedBatch.Count(contexts, start, items => items[0].ContextLength, contexts.Length);
            IReadOnlyList<ScoreItem>[] batch = contexts[start..(start + count)];
            PaddedBatch.Run(_run, _contexts, start, Array.ConvertAll(batch, items => items[0].Context.ToArray()), Array.ConvertAll(batch, _ => 1));
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> logits = _run.Logits(i);
                var distribution = Distribution.FromLogits(logits);
                foreach (ScoreItem item in batch[i])
                {
                    item.Add(item.ContextLength, logits, distribution);
                    slotOf.Add(item, start + i);
                }
                _run.Done(batch[i].Count(item => item.Fed == 0));
            }
            start += count;
        }
        return slotOf;
    }

    private void Continuations(ContinuationRow[] rows, Dictionary<ScoreItem, int> slotOf)
    {
        while (rows.Length > 0)
        {
            for (int row = 0; row < rows.Length; row++)
            {
                if (rows[row].Fed == 0)
                {
                    KvBuffers.Copy(_contexts, slotOf[rows[row].Item], _rows, row, rows[row].Item.ContextLength);
                }
            }
            Step(rows);
            rows = [.. rows.TakeWhile(row => !row.IsDone)];
        }
    }

    private void Step(ContinuationRow[] rows)
    {
        int[] positions = Array.ConvertAll(rows, row => row.Item.ContextLength + row.Fed);
        _run.Forward(
            _rows,
            first: 0,
            rows.Length,
            rows.Zip(positions, (row, position) => (long)row.Item.Ids[position]).ToArray(),
            positions,
            Array.ConvertAll(Enumerable.Range(0, rows.Length).ToArray(), row => (long)row));
        int done = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i].Item.Add(positions[i] + 1, _run.Logits(i));
            rows[i].Advance();
            done += rows[i].Fed == 0 ? 1 : 0;
        }
        _run.Done(done);
    }
}
