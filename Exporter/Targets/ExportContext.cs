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
    /// <summary>The model; the checkpoint's own unless another that computes the same takes its place.</summary>
    public LlamaArchitecture Architecture { get; init; } = Source.Architecture;

    /// <summary>Gives a parameter of <see cref="Architecture"/> as float32, row-major.</summary>
    public Func<string, float[]> Read { get; init; } = Source.Read;

    public string PathOf(params string[] parts) => Path.Combine([Directory, .. parts]);
}
