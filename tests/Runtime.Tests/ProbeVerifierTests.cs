using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;

namespace Factory.Runtime.Tests;

public sealed class ProbeVerifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_probe_replays_within_the_limit_of_the_manifest()
    {
        using LanguageModel model = Load(1, 0, "1e-4");
        ProbeReport report = ProbeVerifier.Verify(model, "tiny");
        Assert.InRange(report.Difference, 0, 1e-4);
        Assert.Equal((1e-4, 2, model.Bundle.Probe.Time), (report.Tolerance, report.Sequences, report.Time));
    }

    [Fact]
    public void A_bundle_of_before_the_fact_has_the_limit_of_fp32()
    {
        using LanguageModel model = Load(1, 0.01f, null);
        Assert.Equal(1e-4, model.Bundle.LogitTolerance);
        Assert.Contains("tiny: expected logits within 1e-4", Assert.Throws<UserError>(() => ProbeVerifier.Verify(model, "tiny")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e-3", false)]
    [InlineData("2e-2", true)]
    public void The_limit_of_the_manifest_decides(string tolerance, bool passes)
    {
        using LanguageModel model = Load(1, 0.01f, tolerance);
        Assert.Equal(passes, ProbeVerifier.Replay(model).Passes);
    }

    [Fact]
    public void Differences_count_relative_to_the_largest_logit()
    {
        using LanguageModel model = Load(1, 0, "1e-4");
        float largest = model.Bundle.Probe.Logits.Max(Math.Abs);
        using LanguageModel off = Load(1, 0.5f * largest, "1e-4");
        double grown = off.Bundle.Probe.Logits.Max(Math.Abs);
        Assert.Equal(0.5 * largest / Math.Max(1, grown), ProbeVerifier.Replay(off).Difference, 1e-4);
    }

    [Fact]
    public void A_probe_with_a_NaN_passes_no_limit()
    {
        using LanguageModel model = Load(1, float.NaN, "1e9");
        Assert.False(ProbeVerifier.Replay(model).Passes);
    }

    [Theory]
    [InlineData("much")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void A_limit_that_is_no_positive_number_is_refused(string tolerance) =>
        Assert.Contains("logit_tolerance", Assert.Throws<UserError>(() => Load(1, 0, tolerance)).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();

    /// <summary>A random model whose probe has <paramref name="added"/> to its first logit.</summary>
    private LanguageModel Load(int seed, float added, string? tolerance)
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny, seed));
        Probe probe = Probe.Read(bundle);
        probe.Logits[0] += added;
        File.Delete(Path.Combine(bundle, Probe.FileName));
        probe.Write(bundle);
        SortedDictionary<string, string> facts = Manifest.ReadKind(bundle, BundleFolder.Kind).Facts;
        facts.Remove(BundleFolder.LogitToleranceFact);
        if (tolerance is not null)
        {
            facts.Add(BundleFolder.LogitToleranceFact, tolerance);
        }
        File.Delete(Path.Combine(bundle, Manifest.FileName));
        Manifest.Write(bundle, BundleFolder.Kind, facts);
        return LanguageModel.Load(Bundle.Open(bundle), new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 });
    }
}
