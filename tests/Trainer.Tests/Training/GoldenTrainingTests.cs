using System.Text.Json;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>Ten updates against an independent float64 implementation, through the step that pretrain uses.</summary>
public sealed class GoldenTrainingTests
{
    private const double Tolerance = 1e-9;

    [Theory]
    [InlineData("lns-paper")]
    [InlineData("lns-modern")]
    [InlineData("post-paper")]
    [InlineData("post-modern")]
    [InlineData("layerscale-paper")]
    [InlineData("layerscale-modern")]
    public void Ten_updates_have_the_loss_the_gradient_norm_and_the_weights_of_the_reference(string run)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = GoldenData.At("method_golden", "training", run);
        using JsonDocument log = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "log.json")));
        JsonElement recipe = log.RootElement.GetProperty("recipe");
        using LlamaModel model = TestModels.Load(GoldenData.At("method_golden", log.RootElement.GetProperty("method").GetString()!), ScalarType.Float64);
        using var optimizer = new AdamW(model, new AdamWOptions(
            recipe.GetProperty("betas")[0].GetDouble(), recipe.GetProperty("betas")[1].GetDouble(), recipe.GetProperty("eps").GetDouble(),
            recipe.GetProperty("weight_decay_on_matrices").GetDouble()));
        var schedule = new LearningRateSchedule(
            recipe.GetProperty("peak_lr").GetDouble(), recipe.GetProperty("warmup_steps").GetInt64(), recipe.GetProperty("total_steps").GetInt64());
        var step = new TrainingStep(model, optimizer, schedule, recipe.GetProperty("clip_norm").GetDouble());

        using SafetensorsReader tensors = SafetensorsReader.Open(Path.Combine(folder, "tensors.safetensors"));
        Tensor batches = from_array(tensors.Read<long>("batches", ElementType.Int64)).reshape([.. tensors.Entry("batches").Shape]);
        foreach (JsonElement expected in log.RootElement.GetProperty("steps").EnumerateArray())
        {
            long number = expected.GetProperty("step").GetInt64();
            StepReport report = step.Run(number, [.. batches[number].unbind(0).Select(rows => (rows[.., ..^1], rows[.., 1..]))]);
            Assert.Equal(expected.GetProperty("lr").GetDouble(), report.LearningRate, 1e-15);
            Assert.Equal(expected.GetProperty("loss").GetDouble(), report.Loss, Tolerance);
            Assert.Equal(expected.GetProperty("grad_norm").GetDouble(), report.GradientNorm, Tolerance);
        }
        Assert.Equal(10, optimizer.Steps);
        string[] finals = [.. tensors.Entries.Select(entry => entry.Name).Where(name => name.StartsWith("final.", StringComparison.Ordinal))];
        Assert.NotEmpty(finals);
        foreach (string name in finals)
        {
            double difference = (WeightFile.Read(tensors, name) - model.Weights[name["final.".Length..]]).abs().max().item<double>();
            Assert.True(difference < Tolerance, $"{name}: largest difference {difference}");
        }
    }
}
