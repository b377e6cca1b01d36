using Factory.Core;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Checkpoints;

public sealed class CheckpointWriterTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_checkpoint_reads_back_as_the_same_model_and_its_probe_is_what_the_model_says(bool tied)
    {
        using DisposeScope scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using LlamaModel model = Fresh(tied);
        CheckpointWriter.Write(folder.At("saved"), model, tokenizerPath: null, new Dictionary<string, string> { ["step"] = "3" });

        Manifest manifest = Manifest.Read(folder.At("saved"), CheckpointFolder.Kind);
        Assert.Equal("3", manifest.Facts["step"]);
        Assert.Equal(["config.json", "model.safetensors", "probe.safetensors"], manifest.Files.Keys);
        Assert.Equivalent(model.Architecture, ConfigJson.Read(folder.At("saved")));
        using LlamaModel read = TestModels.Load(folder.At("saved"), ScalarType.Float32);
        Assert.All(model.Weights, named => Assert.True(named.Value.Equals(read.Weights[named.Key])));

        Probe probe = Probe.Read(folder.At("saved"));
        using var noGradient = no_grad();
        Tensor logits = read.forward(tensor(probe.InputIds[1].Select(id => (long)id).ToArray(), [1, probe.Time]));
        float[] last = logits[0, -1].data<float>().ToArray();
        Assert.Equal(last, probe.LogitsAt(1, probe.Positions.Length - 1).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public void The_probe_of_a_mixed_precision_model_is_that_of_its_float32_weights()
    {
        using LlamaModel full = Fresh(tied: false);
        using var mixed = new LlamaModel(full.Architecture, new ModelPlacement(CPU, ScalarType.Float32, ScalarType.BFloat16));
        WeightInitializer.Initialize(mixed, seed: 2, embeddingDeviation: 0.5);
        Assert.Equal(ProbeRecorder.Record(full).Logits, ProbeRecorder.Record(mixed).Logits);
    }

    [Fact]
    public void A_failure_while_writing_leaves_the_checkpoint_that_stood_there()
    {
        using var folder = new TemporaryFolder();
        using LlamaModel model = Fresh(tied: false);
        CheckpointWriter.Write(folder.At("saved"), model, null, new Dictionary<string, string> { ["step"] = "1" });
        Assert.Throws<IOException>(() => CheckpointWriter.Write(
            folder.At("saved"), model, null, new Dictionary<string, string> { ["step"] = "2" }, _ => throw new IOException("No space left on device")));
        Assert.Equal("1", Manifest.Read(folder.At("saved"), CheckpointFolder.Kind).Facts["step"]);
        Assert.Equal(["saved"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Weights_of_another_shape_or_with_a_tensor_too_many_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        using LlamaModel model = Fresh(tied: false);
        CheckpointWriter.Write(folder.At("saved"), model, null, new Dictionary<string, string>());
        using SafetensorsReader reader = SafetensorsReader.Open(folder.At("saved", CheckpointFolder.WeightsFile));
        using var wider = new LlamaModel(model.Architecture with { IntermediateSize = 48 }, ModelPlacement.Cpu());
        Assert.Contains("model.layers.0.mlp.gate_proj.weight", Assert.Throws<UserError>(() => WeightFile.Load(wider, reader)).Message, StringComparison.Ordinal);
        using var tied = new LlamaModel(model.Architecture with { TieEmbeddings = true }, ModelPlacement.Cpu());
        Assert.Contains("unexpected: lm_head.weight", Assert.Throws<UserError>(() => WeightFile.Load(tied, reader)).Message, StringComparison.Ordinal);
    }

    private static LlamaModel Fresh(bool tied)
    {
        var model = new LlamaModel(TestModels.Tiny(tied: tied), ModelPlacement.Cpu());
        WeightInitializer.Initialize(model, seed: 2, embeddingDeviation: 0.5);
        return model;
    }
}
