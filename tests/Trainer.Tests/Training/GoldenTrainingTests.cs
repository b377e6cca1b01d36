using System.Text.Json;
using Factory.Core.Safetensors;
using Factory.Trainer.Data;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
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
    [InlineData("lns-masked")]
    public void Ten_updates_have_the_loss_the_gradient_norm_and_the_weights_of_the_reference(string run)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = GoldenData.At("method_golden", "training", run);
        using JsonDocument log = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "log.json")));
        JsonElement recipe = log.RootElement.GetProperty("recipe");
        using LlamaModel model = TestModels.Load(GoldenData.At("method_golden", log.RootElement.GetProperty("method").GetString()!), ScalarType.Float64);
        using var optimizer = new AdamW(model, new OptimizerRecipe
        {
            Beta1 = recipe.GetProperty("betas")[0].GetDouble(),
            Beta2 = recipe.GetProperty("betas")[1].GetDouble(),
            Epsilon = recipe.GetProperty("eps").GetDouble(),
            WeightDecay = recipe.GetProperty("weight_decay_on_matrices").GetDouble(),
            Clip = recipe.GetProperty("clip_norm").GetDouble(),
        });
        var schedule = new LearningRateSchedule(new ScheduleRecipe
        {
            Shape = ScheduleShape.Cosine,
            Steps = recipe.GetProperty("total_steps").GetInt64(),
            LearningRate = recipe.GetProperty("peak_lr").GetDouble(),
            WarmupSteps = recipe.GetProperty("warmup_steps").GetInt64(),
            DecaySteps = 0,
            MinLrRatio = recipe.GetProperty("min_lr_ratio").GetDouble(),
        });
        var step = new TrainingStep(model, optimizer, schedule, recipe.GetProperty("clip_norm").GetDouble());

        using SafetensorsReader tensors = SafetensorsReader.Open(Path.Combine(folder, "tensors.safetensors"));
        long[] ids = tensors.Read<long>("batches", ElementType.Int64);
        long[]? labels = tensors.Contains("labels") ? tensors.Read<long>("labels", ElementType.Int64) : null;
        int[] shape = [.. tensors.Entry("batches").Shape.Select(size => (int)size)]; // (steps, micro-batches, rows, time)
        foreach (JsonElement expected in log.RootElement.GetProperty("steps").EnumerateArray())
        {
            long number = expected.GetProperty("step").GetInt64();
            StepReport report = step.Run(number, Batch(ids, labels, shape, (int)number));
            Assert.Equal(expected.GetProperty("lr").GetDouble(), report.LearningRate, 1e-15);
            Assert.Equal(expected.GetProperty("loss").GetDouble(), report.Loss, Tolerance);
            Assert.Equal(expected.GetProperty("grad_norm").GetDouble(), report.Gradient.Total, Tolerance);
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

    /// <summary>The micro-batches of an update. The file's labels stand at the token that they name, as Hugging Face has them; here they stand at the one before it.</summary>
    private static UpdateBatch Batch(long[] ids, long[]? labels, int[] shape, int step)
    {
        (int micros, int rows, int time) = (shape[1], shape[2], shape[3]);
        return new UpdateBatch([.. Enumerable.Range(0, micros).Select(micro =>
        {
            Range range = (((step * micros) + micro) * rows * time)..(((step * micros) + micro + 1) * rows * time);
            long[] following = [.. (labels ?? ids)[range].Skip(1).Append(MicroBatch.Ignored).Select((id, at) => at % time == time - 1 ? MicroBatch.Ignored : id)];
            return new MicroBatch(ids[range], following, rows);
        })]);
    }
}
