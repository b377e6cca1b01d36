namespace Factory.Evals.Analysis;

/// <summary>The loss over sequences with blocks removed one after another.</summary>
internal static class PruningCurve
{
    /// <summary>Removes the block whose absence costs least, then the next, until one is left. Of equals the first goes.</summary>
    /// <param name="first">Losses without each single block, which are known already.</param>
    /// <returns>Block and loss after its removal.</returns>
    public static IReadOnlyList<IReadOnlyList<double>> Greedy(int blocks, IAnalyzedModel model, IReadOnlyList<int[]> rows, IReadOnlyList<double> first, Action progress, CancellationToken cancellationToken)
    {
        var removed = new List<int>();
        var steps = new List<IReadOnlyList<double>>();
        while (removed.Count < blocks - 1)
        {
            (int Block, double Loss) best = Enumerable.Range(0, blocks).Except(removed)
                .Select(block => (block, removed.Count == 0 ? first[block] : model.Loss(rows, [.. removed, block], progress, cancellationToken)))
                .MinBy(candidate => candidate.Item2);
            removed.Add(best.Block);
            steps.Add([best.Block, best.Loss]);
        }
        return steps;
    }
}
