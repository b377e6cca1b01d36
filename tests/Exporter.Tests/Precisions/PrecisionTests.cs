using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Disk;
using Factory.Exporter.Precisions;
using Factory.Exporter.Reports;
using Factory.Runtime;

namespace Factory.Exporter.Tests.Precisions;

public sealed class PrecisionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, bool> PrecisionsAndTying =>
        [.. PrecisionCatalog.All.SelectMany(precision => new (string, bool)[] { (precision.Name, false), (precision.Name, true) })];

    [Theory]
    [MemberData(nameof(PrecisionsAndTying))]
    public void Every_precision_is_written_with_tied_and_untied_heads_and_passes_its_own_limit(string name, bool tied)
    {
        LlamaArchitecture architecture = TestModel.Tiny with { TieEmbeddings = tied };
        string output = _folder.At("bundle");
        ExportReport report = Export(TestCheckpoint.Random(architecture), output, new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(name)) });
        Assert.True(report.Probe.Passes, report.ToString());
        Assert.Equal(name is "fp32", report.Perplexity is null);
        Assert.Equal(name, Manifest.Read(output, BundleFolder.Kind).Facts[BundleFolder.PrecisionFact]);
        Assert.Equal(["bundle", "checkpoint"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Where(entry => !entry!.StartsWith('.')).Order());
    }

    [Theory]
    [InlineData("fp16", 1.0 / 2)]
    [InlineData("bf16", 1.0 / 2)]
    [InlineData("int8", 1.0 / 4)]
    [InlineData("int4", 1.0 / 5)]
    public void A_precision_has_the_size_that_it_promises(string name, double share)
    {
        // Large enough that pages and norms hardly count; blocks outweigh the vocabulary.
        LlamaArchitecture architecture = TestModel.Tiny with { HiddenSize = 128, IntermediateSize = 384, HeadSize = 32, BlockCount = 2, MaxPositions = 16 };
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        double full = WeightBytes("fp32");
        Assert.InRange(WeightBytes(name) / full, 0, share + 0.1);

        double WeightBytes(string precision)
        {
            string bundle = TestBundle.Export(_folder, checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) });
            return new FileInfo(Path.Combine(bundle, BundleFolder.WeightsFile)).Length;
        }
    }

    [Theory]
    [InlineData("fp32")]
    [InlineData("fp16")]
    [InlineData("int8")]
    [InlineData("int4")]
    public void Weights_that_stay_mapped_compute_the_same(string name)
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny), options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(name)) });
        var options = new RuntimeOptions { Provider = ProviderChoice.Cpu, Threads = 1 };
        using LanguageModel loaded = LanguageModel.Load(Bundle.Open(bundle), options);
        using LanguageModel mapped = LanguageModel.Load(Bundle.Open(bundle), options with { MapWeights = true });
        int[] ids = [5, 60, 7, 8, 9, 31, 2];
        Assert.Equal(loaded.Logits(ids), mapped.Logits(ids), (a, b) => Math.Abs(a - b) <= (name == "fp16" ? 1e-3f : 1e-5f) * Math.Max(1, Math.Abs(a)));
    }

    [Theory]
    [InlineData("fp16")]
    [InlineData("int8")]
    [InlineData("int4")]
    [InlineData("int4-rtn")]
    public void A_row_gives_the_same_logits_whatever_else_is_computed_with_it(string name)
    {
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        using LanguageModel model = TestBundle.Load(_folder, checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(name)) });
        int[] ids = [5, 60, 7, 8, 9, 31, 2];
        float[] together = model.Logits(ids);
        using KvCache cache = model.NewCache(ids.Length);
        float[] apart = [.. ids.SelectMany(id => model.Append(cache, [id]))];
        // fp16 rounds sums that kernels form in another order.
        double limit = name == "fp16" ? 5e-3 : 1e-5;
        Assert.InRange(together.Zip(apart, (a, b) => Math.Abs(a - b)).Max(), 0, limit);
    }

    [Fact]
    public void Modules_that_are_kept_stay_float32_and_bring_the_logits_nearer()
    {
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        string plain = Write("int4-rtn");
        string kept = Write("int4-rtn", "down_proj", "q_proj", "lm_head");
        Assert.True(BundleVerification.Verify(kept, kept).Difference < BundleVerification.Verify(plain, plain).Difference);
        GraphSummary graph = GraphSummary.Read(kept);
        Assert.Equal("float", graph.Initialisers.Single(tensor => tensor.Name == "model.layers.1.mlp.down_proj.weight").Dtype);
        Assert.Equal("float", graph.Initialisers.Single(tensor => tensor.Name == "model.layers.1.self_attn.qkv_proj.weight").Dtype);
        Assert.Equal("float", graph.Initialisers.Single(tensor => tensor.Name == "lm_head.weight").Dtype);
        Assert.Equal("uint8", graph.Initialisers.Single(tensor => tensor.Name == "model.layers.1.mlp.up_proj.weight").Dtype);
        Assert.Equal("int8", graph.Initialisers.Single(tensor => tensor.Name == "model.embed_tokens.weight").Dtype);
        Assert.Equal("down_proj,q_proj,lm_head", Manifest.Read(kept, BundleFolder.Kind).Facts[BundleFolder.KeptFact]);

        string Write(string precision, params string[] keep) =>
            TestBundle.Export(_folder, checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(precision), keep) });
    }

    [Fact]
    public void A_kept_head_keeps_the_embedding_that_is_tied_to_it()
    {
        var plan = new PrecisionPlan(PrecisionCatalog.Named("int8"), ["lm_head"]);
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny with { TieEmbeddings = true }), options: new ExportOptions { Precision = plan });
        Assert.Equal("float", GraphSummary.Read(bundle).Initialisers.Single(tensor => tensor.Name == "model.embed_tokens.weight").Dtype);
    }

    [Fact]
    public void A_module_that_does_not_exist_is_refused_before_anything_is_written()
    {
        var plan = new PrecisionPlan(PrecisionCatalog.Named("int8"), ["layers.3"]);
        SettingError error = Assert.Throws<SettingError>(() => TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny), options: new ExportOptions { Precision = plan }));
        Assert.Equal("keep", error.Setting);
        Assert.Contains("layers.0 to layers.2, found 'layers.3'", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private ExportReport Export(TestCheckpoint checkpoint, string output, ExportOptions options)
    {
        using CheckpointSource source = CheckpointSource.Open(checkpoint.Write(_folder.At("checkpoint")));
        return CheckpointExport.Write(source, output, options, null, CancellationToken.None);
    }
}
