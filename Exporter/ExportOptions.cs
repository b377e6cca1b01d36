using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;

namespace Factory.Exporter;

/// <summary>What to write a checkpoint as.</summary>
public sealed record ExportOptions
{
    /// <summary>Default: a bundle for Factory's own Runtime.</summary>
    public Target Target { get; init; } = TargetCatalog.Default;

    /// <summary>Default: fp32.</summary>
    public PrecisionPlan Precision { get; init; } = new(PrecisionCatalog.Default);

    /// <summary>A text to measure the perplexity on; null takes text that is drawn from the model itself.</summary>
    public string? Text { get; init; }
}
