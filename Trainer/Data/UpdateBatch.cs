using Factory.Trainer.Distributed;

namespace Factory.Trainer.Data;

/// <summary>The micro-batches of one update.</summary>
public sealed record UpdateBatch(IReadOnlyList<MicroBatch> MicroBatches)
{
    /// <summary>Ids that are no padding.</summary>
    public long Tokens => MicroBatches.Sum(micro => micro.Tokens);

    /// <summary>Labels that count: what the update's loss and gradient are divided by.</summary>
    public long ValidTokens => MicroBatches.Sum(micro => micro.ValidTokens);

    /// <summary>The micro-batches of one rank: every Size-th.</summary>
    public IEnumerable<MicroBatch> ShareOf(IProcessGroup group) => MicroBatches.Where((_, index) => index % group.Size == group.Rank);
}
