using Factory.Core.Architecture;
using Factory.Exporter.Precisions;

namespace Factory.Exporter.Targets;

/// <summary>What a target writes, and where to.</summary>
/// <param name="Plans">One plan per block. Other plans than the architecture's own make something that the probe refuses.</param>
/// <param name="Directory">A fresh directory.</param>
/// <param name="BlockDone">Called after each block with the number of blocks done.</param>
internal sealed record ExportContext(
    CheckpointSource Source, IReadOnlyList<BlockPlan> Plans, PrecisionPlan Precision, string Directory, Action<int> BlockDone, CancellationToken CancellationToken)
{
    public LlamaArchitecture Architecture => Source.Architecture;

    public string PathOf(params string[] parts) => Path.Combine([Directory, .. parts]);
}
