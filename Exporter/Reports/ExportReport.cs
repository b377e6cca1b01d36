using Factory.Runtime;

namespace Factory.Exporter.Reports;

/// <summary>What an export came to.</summary>
/// <param name="Bytes">Size of the folder.</param>
/// <param name="Probe">How far the logits lie from the trained model's.</param>
/// <param name="Perplexity">What the precision costs on a text; null for fp32, which the probe covers.</param>
public sealed record ExportReport(long Bytes, ProbeReport Probe, PerplexityReport? Perplexity)
{
    public override string ToString() => string.Join('\n', new[]
    {
        FormattableString.Invariant($"Size: {Bytes / 1e6:0.0} MB."),
        $"Verified: {Probe}.",
        Perplexity is null ? null : $"Measured: {Perplexity}.",
    }.Where(line => line is not null));
}
