using System.Text.Json;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Exporter.Gguf;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Reports;
using Factory.Exporter.Targets;

namespace Factory.Exporter.Tests;

public sealed class TargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> TargetsAndPrecisions =>
        [.. TargetCatalog.All.SelectMany(target => target.Precisions.Select(precision => (target.Name, precision.Name)))];

    public static TheoryData<string, string> MissingPrecisions =>
        [.. TargetCatalog.All.SelectMany(target => PrecisionCatalog.All.ExceptBy(target.Precisions.Select(known => known.Name), precision => precision.Name), (target, precision) => (target.Name, precision.Name))];

    public static TheoryData<string, string> MethodsAndPlainTargets =>
        [.. NormSchemes.Names.Where(name => !name.EndsWith("-as-run", StringComparison.Ordinal)).SelectMany(name => new[] { (name, "hf"), (name, "gguf") })];

    [Theory]
    [MemberData(nameof(TargetsAndPrecisions))]
    public void Every_target_writes_every_precision_that_it_names_and_it_passes(string target, string precision)
    {
        string output = _folder.At("out");
        ExportReport report = Export(TestCheckpoint.Random(TestModel.Tiny), output, target, precision);
        Assert.True(report.Probe.Passes, report.ToString());
        Assert.True(report.Perplexity?.Passes ?? precision == "fp32", report.ToString());
        string card = File.ReadAllText(Path.Combine(output, ModelCard.FileName));
        Assert.Contains("norm_scheme: lns", card, StringComparison.Ordinal);
        Assert.Contains($"precision: {precision}", card, StringComparison.Ordinal);
        // Whole by its own manifest, card included.
        Assert.Contains(ModelCard.FileName, Manifest.Read(output, TargetCatalog.Named(target).Kind).Files.Keys);
    }

    [Theory]
    [MemberData(nameof(MethodsAndPlainTargets))]
    public void A_plain_llama_is_written_where_the_method_folds_into_one_and_refused_by_name_where_not(string method, string target)
    {
        LlamaArchitecture architecture = TestModel.Tiny with { NormScheme = NormSchemes.Named(method), NormGroups = method == "group" ? 4 : null };
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        if (architecture.FoldsToPlainLlama)
        {
            Assert.InRange(Export(checkpoint, _folder.At("out"), target, "fp32").Probe.Difference, 0, 1e-4);
            return;
        }
        UserError error = Assert.Throws<UserError>(() => Export(checkpoint, _folder.At("out"), target, "fp32"));
        Assert.Contains($"the method {method}", error.Message, StringComparison.Ordinal);
        Assert.Contains("--target factory", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public void The_methods_that_fold_are_those_of_the_pre_norm_family() =>
        Assert.Equal(
            ["pre", "lns", "layerscale", "skipinit", "scaled-init"],
            new[] { "pre", "lns", "layerscale", "skipinit", "scaled-init", "post", "deepnorm", "sandwich", "mix", "group", "admin" }
                .Where(method => (TestModel.Tiny with { NormScheme = NormSchemes.Named(method), NormGroups = method == "group" ? 4 : null }).FoldsToPlainLlama));

    [Fact]
    public void A_hugging_face_folder_is_a_llama_with_folded_gains()
    {
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        string output = _folder.At("out");
        Export(checkpoint, output, "hf", "fp32");
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(output, "config.json")));
        Assert.Equal("llama", config.RootElement.GetProperty("model_type").GetString());
        Assert.Equal("LlamaForCausalLM", config.RootElement.GetProperty("architectures")[0].GetString());
        using SafetensorsReader found = SafetensorsReader.Open(Path.Combine(output, "model.safetensors"));
        using CheckpointSource source = CheckpointSource.Open(_folder.At("checkpoint"));
        const string gain = "model.layers.2.input_layernorm.weight";
        Assert.Equal(source.Read(gain).Select(value => (float)(value / Math.Sqrt(3))), found.ReadSingles(gain), (a, b) => Math.Abs(a - b) <= 1e-7f);
        Assert.Equal(source.Read("model.layers.2.mlp.down_proj.weight"), found.ReadSingles("model.layers.2.mlp.down_proj.weight"));
    }

    [Fact]
    public void A_hugging_face_folder_with_a_forgotten_fold_is_refused()
    {
        // What transformers would compute without the fold: the checkpoint's gains as they are.
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        using CheckpointSource source = CheckpointSource.Open(checkpoint.Write(_folder.At("checkpoint")));
        var context = new ExportContext(source, source.Architecture.Blocks, new PrecisionPlan(PrecisionCatalog.Default), _folder.At("out"), _ => { }, CancellationToken.None);
        using Runtime.IProbedModel unfolded = RereadModel.Open(context, _folder.At("out"), new PlainLlama(source).Architecture, source.Read);
        Assert.False(Runtime.ProbeVerifier.Replay(unfolded, Core.Checkpoints.Probe.Read(source.Directory), 1e-4).Passes);
    }

    [Fact]
    public void Rotary_positions_that_llama_cpp_would_scale_in_its_own_way_are_refused()
    {
        string folder = GoldenData.At("hf_golden", "llama_yarn");
        UserError error = Assert.Throws<UserError>(() => Export(TestCheckpoint.FromFolder(folder), _folder.At("out"), "gguf", "fp32"));
        Assert.Contains("found Yarn", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MissingPrecisions))]
    public void A_precision_that_a_target_does_not_have_is_refused_by_the_names_of_those_that_it_has(string target, string precision)
    {
        SettingError error = Assert.Throws<SettingError>(() => Export(TestCheckpoint.Random(TestModel.Tiny), _folder.At("out"), target, precision));
        string known = string.Join(", ", TargetCatalog.Named(target).Precisions);
        Assert.Equal($"precision: expected one of {known} for the target {target}, found '{precision}'.", error.Message);
        Assert.False(Path.Exists(_folder.At("out")));
    }

    [Theory]
    [InlineData("factory", "int4")]
    [InlineData("hf", "fp16")]
    [InlineData("gguf", "int8")]
    [InlineData("genai", "int8")]
    public void Two_exports_are_equal_to_the_byte(string target, string precision)
    {
        string[] hashes = [.. Enumerable.Range(0, 2).Select(i =>
        {
            string output = Directory.CreateDirectory(_folder.At($"{i}")).FullName;
            Export(TestCheckpoint.Random(TestModel.Tiny), Path.Combine(output, "out"), target, precision);
            return Manifest.Read(Path.Combine(output, "out"), TargetCatalog.Named(target).Kind).ContentHash;
        })];
        Assert.Equal(hashes[0], hashes[1]);
    }

    [Fact]
    public void A_standard_graph_has_no_other_operators()
    {
        Export(TestCheckpoint.Random(TestModel.Tiny), _folder.At("out"), "standard", "fp32");
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(_folder.At("out", "model.onnx")));
        Assert.All(model.Graph.Node, node => Assert.Equal("", node.Domain));
        Assert.DoesNotContain(model.Graph.Node, node => node.OpType.StartsWith("Simplified", StringComparison.Ordinal));
        Assert.Equal(23, Assert.Single(model.OpsetImport).Version);
    }

    [Theory]
    [InlineData("F32", 0)]
    [InlineData("F16", 1e-3)]
    [InlineData("Q8_0", 0.005)]
    [InlineData("Q4_0", 0.13)] // the end with fewer levels is up to a step off
    public void A_gguf_file_gives_back_what_was_written(string name, double limit)
    {
        GgufType type = Enum.Parse<GgufType>(name);
        var random = new Random(1);
        float[] values = [.. Enumerable.Range(0, 6 * 64).Select(_ => (float)((2 * random.NextDouble()) - 1))];
        using (var writer = new GgufWriter(_folder.At("file.gguf")))
        {
            writer.Metadata("general.architecture", "llama");
            writer.Metadata("list", ["a", "▁b"]);
            writer.Declare("first", [3], GgufType.F32);
            writer.Declare("second", [6, 64], type);
            writer.Write("first", [1, 2, 3]);
            writer.Write("second", values);
            writer.Finish();
        }
        using var reader = new GgufReader(_folder.At("file.gguf"));
        Assert.Equal([1f, 2f, 3f], reader.Read("first"));
        Assert.Equal([6L, 64L], reader.Tensors.Single(tensor => tensor.Name == "second").Shape);
        Assert.All(values.Zip(reader.Read("second")), pair => Assert.Equal(pair.First, pair.Second, limit));
    }

    public void Dispose() => _folder.Dispose();

    private ExportReport Export(TestCheckpoint checkpoint, string output, string target, string precision)
    {
        string directory = _folder.At("checkpoint");
        using CheckpointSource source = CheckpointSource.Open(Directory.Exists(directory) ? directory : checkpoint.Write(directory));
        var options = new ExportOptions { Target = TargetCatalog.Named(target), Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) };
        return CheckpointExport.Write(source, output, options, null, CancellationToken.None);
    }
}
