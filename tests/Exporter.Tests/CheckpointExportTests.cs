using System.Globalization;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Bundles;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Runtime;

namespace Factory.Exporter.Tests;

public sealed class CheckpointExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_bundle_tells_its_origin_and_keeps_the_scheme_as_history()
    {
        using CheckpointSource source = CheckpointSource.Open(TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("checkpoint")));
        CheckpointExport.Write(source, _folder.At("bundle"), new ExportOptions(), null, CancellationToken.None);
        Bundle bundle = Bundle.Open(_folder.At("bundle"));
        Assert.Equal("bundle", bundle.Name);
        Assert.Equal(source.Manifest.ContentHash, bundle.Manifest.Facts[BundleFolder.CheckpointFact]);
        Assert.Equal("fp32", bundle.Precision);
        Assert.Equal("lns", bundle.Manifest.Facts[BundleFolder.NormSchemeFact]);
        Assert.Equal(source.Architecture.Parameters.TotalCount.ToString(CultureInfo.InvariantCulture), bundle.Manifest.Facts[BundleFolder.ParametersFact]);
        Assert.Equal(NormSchemes.Lns, bundle.Architecture.NormScheme);
        Assert.Null(bundle.Tokenizer);
    }

    [Fact]
    public void Two_exports_of_a_checkpoint_are_equal_to_the_byte()
    {
        TestCheckpoint checkpoint = TestCheckpoint.Random(TestModel.Tiny);
        string[] hashes = [.. Enumerable.Range(0, 2).Select(_ => Bundle.Open(TestBundle.Export(_folder, checkpoint)).Manifest.ContentHash)];
        Assert.Equal(hashes[0], hashes[1]);
    }

    [Fact]
    public void A_tied_head_is_stored_once()
    {
        LlamaArchitecture untied = TestModel.Tiny with { VocabularySize = 3000 };
        long difference = WeightBytes(untied) - WeightBytes(untied with { TieEmbeddings = true });
        Assert.InRange(difference, 3000L * untied.HiddenSize * sizeof(float), (3000L * untied.HiddenSize * sizeof(float)) + 4096);

        long WeightBytes(LlamaArchitecture architecture) =>
            new FileInfo(Path.Combine(TestBundle.Export(_folder, TestCheckpoint.Random(architecture)), BundleFolder.WeightsFile)).Length;
    }

    [Fact]
    public void The_graph_has_the_inputs_outputs_and_initialisers_that_the_architecture_calls_for()
    {
        LlamaArchitecture model = TestModel.Tiny;
        GraphSummary graph = GraphSummary.Read(TestBundle.Export(_folder, TestCheckpoint.Random(model)));
        string[] past = [.. Enumerable.Range(0, model.BlockCount).SelectMany(block => new[] { GraphNames.PastKey(block), GraphNames.PastValue(block) })];
        string[] present = [.. past.Select(name => name.Replace("past_key_values", "present", StringComparison.Ordinal))];
        Assert.Equal([GraphNames.InputIds, GraphNames.LastPositions, GraphNames.TotalLength, GraphNames.LogitIndices, .. past], graph.Inputs.Select(tensor => tensor.Name));
        Assert.Equal([GraphNames.Logits, .. present], graph.Outputs.Select(tensor => tensor.Name));
        Assert.Equal(["batch", "2", "capacity", "16"], graph.Inputs[4].Shape);
        Assert.Equal(model.BlockCount, graph.Nodes["GroupQueryAttention"]);
        Assert.Equal(2 * model.BlockCount, graph.Nodes["SkipSimplifiedLayerNormalization"]);

        HashSet<string> packed = [.. model.Blocks.SelectMany(plan => new[] { "q", "k", "v" }.Select(part => $"{plan.Prefix}.self_attn.{part}_proj.weight"))];
        HashSet<string> names = [.. graph.Initialisers.Select(tensor => tensor.Name)];
        Assert.All(model.Parameters.Where(parameter => !packed.Contains(parameter.Name)), parameter => Assert.Contains(parameter.Name, names));
        Assert.All(model.Blocks, plan => Assert.Contains($"{plan.Prefix}.self_attn.qkv_proj.weight", names));
    }

    [Theory]
    [InlineData("fp32", 4)]
    [InlineData("int8", 1)]
    public void Each_blocks_bytes_and_operations_are_those_of_its_weights(string precision, int bytes)
    {
        LlamaArchitecture model = TestModel.Tiny with { HeadSize = 16 };
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(model), options: new ExportOptions { Precision = new(Exporter.Precisions.PrecisionCatalog.Named(precision)) });
        long weights = model.Parameters.Where(parameter => parameter.Block == 1 && parameter.Shape.Count == 2).Sum(parameter => parameter.Count);
        Inspection.BlockSummary block = GraphSummary.Read(bundle).Blocks.Single(part => part.Name == "layers.1");
        Assert.Equal(2 * weights, block.Flops);
        Assert.InRange(block.Bytes, weights * bytes, (weights * bytes) + 2000);
        string svg = Inspection.BlockDrawing.Draw(GraphSummary.ReadGraph(bundle), "layers.0");
        Assert.Contains("GroupQueryAttention", svg, StringComparison.Ordinal);
        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(svg).Root!.Name.LocalName);
    }

    [Fact]
    public void An_older_bundle_is_replaced_even_when_damaged()
    {
        string bundle = TestBundle.Export(_folder, TestCheckpoint.Random(TestModel.Tiny));
        File.WriteAllText(Path.Combine(bundle, BundleFolder.WeightsFile), "damaged");
        Export(bundle);
        Assert.InRange(BundleVerification.Verify(bundle, bundle).Difference, 0, 1e-4);
    }

    [Fact]
    public void A_directory_that_is_no_bundle_and_a_file_are_refused_and_stay_as_they_are()
    {
        string photos = Directory.CreateDirectory(_folder.At("photos")).FullName;
        File.WriteAllText(Path.Combine(photos, "cat.jpg"), "cat");
        Assert.Contains("which holds something else", Assert.Throws<SettingError>(() => Export(photos)).Message, StringComparison.Ordinal);
        Assert.Equal("cat", File.ReadAllText(Path.Combine(photos, "cat.jpg")));
        Assert.Contains("found a file", Assert.Throws<SettingError>(() => Export(Path.Combine(photos, "cat.jpg"))).Message, StringComparison.Ordinal);
        string checkpoint = TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("precious"));
        Assert.Throws<SettingError>(() => Export(checkpoint));
        Assert.True(File.Exists(Path.Combine(checkpoint, ConfigJson.FileName)));
    }

    [Fact]
    public void A_bundle_that_holds_the_checkpoint_is_not_replaced_with_it()
    {
        Export(_folder.At("bundle"));
        string inside = TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("bundle", "checkpoint"));
        using CheckpointSource source = CheckpointSource.Open(inside);
        SettingError error = Assert.Throws<SettingError>(() => CheckpointExport.Write(source, _folder.At("bundle"), new ExportOptions(), null, CancellationToken.None));
        Assert.Contains("in which it lies", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(inside, ConfigJson.FileName)));
    }

    [Fact]
    public void A_cancelled_export_leaves_nothing_behind()
    {
        using CheckpointSource source = CheckpointSource.Open(TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("checkpoint")));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => CheckpointExport.Write(source, _folder.At("bundle"), new ExportOptions(), new Stopping(stop), stop.Token));
        Assert.Equal([_folder.At("checkpoint")], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_checkpoint_whose_tensors_do_not_fit_its_configuration_is_refused_by_name()
    {
        string directory = TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("checkpoint"));
        Assert.Contains("expected 'model.layers.0.mlp.gate_proj.weight' of shape [29, 20]", Refusal(TestModel.Tiny with { IntermediateSize = 29 }), StringComparison.Ordinal);
        Assert.Contains("missing: model.layers.3.input_layernorm.weight", Refusal(TestModel.Tiny with { BlockCount = 4 }), StringComparison.Ordinal);
        Assert.Contains("unexpected: lm_head.weight", Refusal(TestModel.Tiny with { TieEmbeddings = true }), StringComparison.Ordinal);

        string Refusal(LlamaArchitecture other)
        {
            File.Delete(Path.Combine(directory, ConfigJson.FileName));
            ConfigJson.Write(directory, other);
            File.Delete(Path.Combine(directory, Manifest.FileName));
            Manifest.Write(directory, "checkpoint", new Dictionary<string, string>());
            return Assert.ThrowsAny<UserError>(() => CheckpointSource.Open(directory)).Message;
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Export(string output)
    {
        using CheckpointSource source = CheckpointSource.Open(TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At($"checkpoint-{Guid.NewGuid():N}")));
        CheckpointExport.Write(source, output, new ExportOptions(), null, CancellationToken.None);
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<ExportProgress>
    {
        public void Report(ExportProgress value) => stop.Cancel();
    }
}
