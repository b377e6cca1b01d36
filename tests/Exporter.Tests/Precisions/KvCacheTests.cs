using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Bundles;
using Factory.Exporter.Precisions;
using Factory.Exporter.Targets;
using Factory.Runtime;

namespace Factory.Exporter.Tests.Precisions;

/// <summary>A cache of keys and values in 8 bits.</summary>
public sealed class KvCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("fp32", "lns", 4)]
    [InlineData("fp16", "pre", 2)]
    [InlineData("int8", "post", 1)]
    [InlineData("int4-rtn", "pre", 2)]
    public void It_gives_nearly_the_same_logits_whole_and_token_by_token(string precision, string scheme, int keyValueHeads)
    {
        // A head size of 8 is filled up to 16: channels that hold nothing have no scale of their own.
        LlamaArchitecture architecture = TestModel.Tiny with { NormScheme = NormSchemes.Named(scheme), KeyValueHeads = keyValueHeads };
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        int[] ids = [.. Enumerable.Range(0, architecture.MaxPositions).Select(i => i * 7 % architecture.VocabularySize)];
        using LanguageModel plain = Load(checkpoint, precision, int8: false);
        using LanguageModel cached = Load(checkpoint, precision, int8: true);
        float[] expected = plain.Logits(ids);
        float[] found = cached.Logits(ids);
        double largest = Math.Max(1, expected.Max(Math.Abs));
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / largest, 1e-6, 0.05);
        using KvCache cache = cached.NewCache(ids.Length);
        float[] steps = [.. ids.SelectMany(id => cached.Append(cache, [id]))];
        Assert.InRange(found.Zip(steps, (a, b) => Math.Abs(a - b)).Max() / largest, 0, precision == "fp16" ? 1e-2 : 1e-5);
    }

    [Fact]
    public void It_is_declared_in_8_bits_and_stands_in_the_manifest()
    {
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        using LanguageModel plain = Load(checkpoint, "fp32", int8: false);
        using LanguageModel cached = Load(checkpoint, "fp32", int8: true);
        Assert.Equal(["float", "int8"], new[] { plain, cached }.Select(model => GraphSummary.Read(model.Bundle.Directory).Inputs.Single(input => input.Name == GraphNames.PastValue(2)).Dtype));
        Assert.Equal("int8", cached.Bundle.Manifest.Facts[BundleFolder.KvCacheFact]);
        Assert.Equal(0.1, cached.Bundle.LogitTolerance);
        Assert.False(plain.Bundle.Manifest.Facts.ContainsKey(BundleFolder.KvCacheFact));
    }

    [Theory]
    [InlineData("genai")]
    [InlineData("hf")]
    [InlineData("standard")]
    public void Other_software_gets_none(string target)
    {
        var options = new ExportOptions { Target = TargetCatalog.Named(target), Precision = new PrecisionPlan(PrecisionCatalog.Default) { Int8KvCache = true } };
        SettingError error = Assert.Throws<SettingError>(() => TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny), options: options));
        Assert.Equal("kv_cache", error.Setting);
        Assert.Contains($"target {target}", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private LanguageModel Load(TestCheckpoint checkpoint, string precision, bool int8) =>
        TestBundle.Load(_folder, checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) { Int8KvCache = int8 } });
}
