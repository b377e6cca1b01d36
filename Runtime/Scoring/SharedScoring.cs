namespace Factory.Runtime;

/// <summary>
/// <see cref="ScoringPlan.Batch"/> where the bundle has a graph for it: rows of similar length in one run, every token that they share computed once.
/// </summary>
internal sealed class SharedScoring(ScoringRun run, ScoringGraph graph)
{
    private const int MostRows = 64;

    /// <summary>Places of all rows, padding included: attention's queries, keys and values are copied for each.</summary>
    private const int MostPlaces = 4096;

    /// <summary>Logits of a run: 64 MB.</summary>
    private const int MostLogits = 1 << 24;

    /// <param name="items">At most <see cref="ScoringPlans.Batch"/> tokens each.</param>
    public static void Score(ScoringRun run, ScoringGraph graph, int vocabulary, IReadOnlyList<ScoreItem> items)
    {
        var scoring = new SharedScoring(run, graph);
        foreach (ScoreItem[] batch in Batches(items, Math.Max(1, MostLogits / vocabulary)))
        {
            scoring.Score(batch);
        }
    }

    /// <summary>Contexts by the length of their longest row, each with its continuations.</summary>
    private static IEnumerable<ScoreItem[]> Batches(IReadOnlyList<ScoreItem> items, int mostLogitRows)
    {
        List<ScoreItem> batch = [];
        int rows = 0, tokens = 0, logitRows = 0;
        foreach (IGrouping<int[], ScoreItem> context in items.GroupBy(item => item.Ids[..item.ContextLength], TokenOrder.Instance).OrderBy(group => group.Max(item => item.Fed) + group.Key.Length))
        {
            int own = context.Key.Length;
            int longest = own + context.Max(item => item.Fed);
            foreach (ScoreItem item in context)
            {
                bool isFull = rows == MostRows || (rows + 1) * longest > MostPlaces || tokens + own + item.Fed > ScoringRun.BatchTokens || logitRows + item.Fed + 1 > mostLogitRows;
                if (isFull && batch.Count > 0)
                {
                    yield return [.. batch];
                    batch.Clear();
                    (rows, tokens, logitRows, own) = (0, 0, 0, context.Key.Length);
                }
                batch.Add(item);
                // A continuation of which nothing is fed ends where its context does.
                rows += own + item.Fed > 0 ? 1 : 0;
                tokens += own + item.Fed;
                logitRows += item.Fed + 1;
                own = 0;
            }
        }
        if (batch.Count > 0)
        {
            yield return [.. batch];
        }
    }

    private void Score(ScoreItem[] batch)
    {
        var rows = new SharedRows();
        // Logits of each token that something is predicted from, in the order in which they are met.
        Dictionary<int, int> logitRows = [];
        int[][] places = new int[batch.Length][];
        // In the order of their tokens neighbours share the most; the longer first, so that one that only begins another is no row of its own.
        (int Index, ScoreItem Item)[] ordered = [.. batch.Index().OrderByDescending(entry => entry.Item.Ids[..^1], TokenOrder.Instance)];
        foreach ((int index, ScoreItem item) in ordered)
        {
            places[index] = rows.Add(item.Ids.AsSpan(..^1))[(item.ContextLength - 1)..].ToArray();
            foreach (int token in places[index])
            {
                logitRows.TryAdd(token, logitRows.Count);
            }
        }
        run.Forward(graph, rows, [.. logitRows.Keys.Select(token => (long)token)]);
        var distributions = new Distribution[logitRows.Count];
        Parallel.For(0, distributions.Length, new ParallelOptions { MaxDegreeOfParallelism = graph.Threads }, row => distributions[row] = Distribution.FromLogits(run.Logits(row)));
        foreach ((int index, ScoreItem item) in batch.Index())
        {
            for (int i = 0; i < places[index].Length; i++)
            {
                int row = logitRows[places[index][i]];
                item.Add(item.ContextLength + i, run.Logits(row), distributions[row]);
            }
        }
        run.Done(batch.Length);
    }
}
