using Factory.Exporter.Reports;

namespace Factory.Interop.Tests;

/// <summary>What each precision costs a real model on a real text.</summary>
public sealed class PerplexityTests(Stories stories)
{
    private static string Text => GoldenData.At("tinystories_sample", "tinystories.txt");

    [Theory]
    [InlineData("fp16", 0.002)]
    [InlineData("bf16", 0.01)]
    [InlineData("int8", 0.01)]
    [InlineData("int4", 0.08)]
    public void A_precision_keeps_its_bound(string precision, double bound)
    {
        PerplexityReport report = stories.Measure("factory", precision, Text).Perplexity!;
        Assert.True(report.Change <= bound, report.ToString());
        Assert.InRange(report.Reference, 4, 4.5);
        Assert.True(report.Tokens > 10_000, report.ToString());
    }

    [Fact]
    public void Calibrated_int4_beats_plain_rounding()
    {
        double calibrated = stories.Measure("factory", "int4", Text).Perplexity!.Change;
        double rounded = stories.Measure("factory", "int4-rtn", Text).Perplexity!.Change;
        Assert.True(calibrated < 0.8 * rounded, $"{calibrated} {rounded}");
    }
}
