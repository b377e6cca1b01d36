using Factory.Core;
using Factory.Evals.Models;
using Factory.Runtime.Analysis;

namespace Factory.Evals.Analysis;

/// <summary>A model whose residual stream is measured and whose blocks can be removed.</summary>
internal interface IAnalyzedModel : IDisposable
{
    /// <summary>Measures the residual stream over sequences of equal length.</summary>
    BlockStatistics Measure(IReadOnlyList<int[]> rows);

    /// <summary>The model without some of its blocks, to be scored.</summary>
    ILanguageModel Without(IReadOnlyCollection<int> removed);

    /// <summary>Mean cross-entropy of every token but the first of its sequence, nats, without some blocks.</summary>
    /// <param name="progress">Called after each sequence.</param>
    /// <exception cref="UserError">The model does not predict next tokens.</exception>
    double Loss(IReadOnlyList<int[]> rows, IReadOnlyCollection<int> removed, Action progress, CancellationToken cancellationToken);
}
