using Factory.Core;

namespace Factory.Runtime;

/// <summary>
/// Log-likelihood of continuations. Requests are computed together: those with one context share it, contexts that begin alike share the beginning, the rest
/// goes in batches of similar length (<see cref="ScoringPlan"/>); a small model works on several such runs at once. A result depends on nothing but its request.
/// </summary>
public sealed class Scorer(LanguageModel model)
{
    /// <summary>Requests of a call that are worth a graph of their own.</summary>
    private const int Many = 64;

    /// <summary>
    /// ln p(<paramref name="continuation"/> | <paramref name="context"/>). As in lm-evaluation-harness, the last <c>window + 1</c> tokens of both together
    /// count and the last one is only predicted, so a long context loses its beginning.
    /// </summary>
    /// <exception cref="UserError">The context is empty, or the continuation is empty or longer than the context window.</exception>
    /// <exception cref="InsufficientMemoryError">There is not enough memory.</exception>
    public LogLikelihood Score(IReadOnlyList<int> context, IReadOnlyList<int> continuation) =>
        Score([([.. context], [.. continuation])], progress: null, CancellationToken.None)[0];

    /// <summary>Scores requests, in whatever order is quickest; results in the order of the requests.</summary>
    /// <param name="progress">Gets how many are done.</param>
    /// <inheritdoc cref="Score(IReadOnlyList{int}, IReadOnlyList{int})"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public IReadOnlyList<LogLikelihood> Score(IReadOnlyList<(int[] Context, int[] Continuation)> requests, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ScoreItem[] items = [.. requests.Select(request => Item(request.Context, request.Continuation))];
        ScoreItem[][] parts = ScoringParts.Split(items, model.Workers);
        // Opening the graph for them takes as long as a few requests, and their weights once more.
        ScoringGraph? graph = items.Count(item => Plan(item) == ScoringPlan.Batch) >= Many ? model.ScoringGraph : null;
        var done = new ScoringProgress(progress);
        Task others = Task.WhenAll(parts[1..].Select(part => Task.Factory.StartNew(() => Score(part, graph, done, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        try
        {
            Score(parts[0], graph, done, cancellationToken);
        }
        finally
        {
            // Also after a failure: they compute with the model, which the caller may dispose.
            Task.WaitAny([others], CancellationToken.None);
        }
        others.GetAwaiter().GetResult();
        return Array.ConvertAll(items, item => item.Result);
    }

    private void Score(ScoreItem[] items, ScoringGraph? graph, ScoringProgress done, CancellationToken cancellationToken)
    {
        ILookup<ScoringPlan, ScoreItem> byPlan = items.ToLookup(Plan);
        using var run = new ScoringRun(model, done, cancellationToken);
        if (graph is null)
        {
            PaddedScoring.Score(run, [.. byPlan[ScoringPlan.Batch]]);
        }
        else
        {
            SharedScoring.Score(run, graph, model.Bundle.Architecture.VocabularySize, [.. byPlan[ScoringPlan.Batch]]);
        }
        WholeScoring.Score(run, [.. byPlan[ScoringPlan.Whole]]);
        LongContextScoring.Score(run, [.. byPlan[ScoringPlan.LongContext].GroupBy(item => item.Ids[..item.ContextLength], TokenOrder.Instance).Select(group => group.ToArray())]);
    }

    private ScoringPlan Plan(ScoreItem item) => item.Plan(model.Bundle.Architecture.MaxPositions);

    private ScoreItem Item(int[] context, int[] continuation)
    {
        int window = model.Bundle.Architecture.MaxPositions;
        if (context.Length == 0)
        {
            throw new UserError("context: expected at least one token (BOS or EOS where there is no text), found none.");
        }
        if (continuation.Length == 0 || continuation.Length > window)
        {
            throw new UserError($"continuation: expected from 1 to {window} tokens (the context window), found {continuation.Length}.");
        }
        int[] ids = [.. context, .. continuation];
        model.Check(ids);
        return new ScoreItem(ids[Math.Max(0, ids.Length - (window + 1))..], continuation.Length);
    }
}
