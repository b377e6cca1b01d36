using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Evals.Analysis;

/// <summary>The loss over sequences without each block, and with blocks removed one after another.</summary>
internal static class PruningCurve
{
    /// <summary>Mean cross-entropy of every token but the first of its sequence, nats.</summary>
    /// <param name="removed">Blocks that are left out.</param>
    public static double Loss(AnalysisModel model, IReadOnlyList<int[]> rows, IReadOnlyCollection<int> removed, Action progress, CancellationToken cancellationToken)
    {
        var scorer = new PrunedScorer(model, removed);
        double sum = 0;
        long tokens = 0;
        foreach (int[] row in rows.Where(row => row.Length > 1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogLikelihood found = scorer.Score(row[..1], row[1..]);
            sum -= found.Value;
            tokens += found.Tokens;
            progress();
        }
        return sum / tokens;
    }

    /// <summary>Removes the block whose absence costs least, then the next, until one is left. Of equals the first goes.</summary>
    /// <param name="first">Losses without each single block, which are known already.</param>
    /// <returns>Block and loss after its removal.</returns>
    public static IReadOnlyList<IReadOnlyList<double>> Greedy(AnalysisModel model, IReadOnlyList<int[]> rows, IReadOnlyList<double> first, Action progress, CancellationToken cancellationToken)
    {
        var removed = new List<int>();
        var steps = new List<IReadOnlyList<double>>();
        while (removed.Count < model.BlockCount - 1)
        {
            (int Block, double Loss) best = Enumerable.Range(0, model.BlockCount).Except(removed)
                .Select(block => (block, removed.Count == 0 ? first[block] : Loss(model, rows, [.. removed, block], progress, cancellationToken)))
                .MinBy(candidate => candidate.Item2);
            removed.Add(best.Block);
            steps.Add([best.Block, best.Loss]);
        }
        return steps;
    }
}
