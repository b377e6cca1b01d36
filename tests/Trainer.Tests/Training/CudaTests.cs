using Factory.Trainer.Data;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>What must hold on a GPU as on the CPU.</summary>
[Trait("Device", "Cuda")]
public sealed class CudaTests
{
    [Theory]
    [InlineData(ScalarType.Float32, 1e-4)]
    [InlineData(ScalarType.BFloat16, 3e-2)]
    public void Five_updates_have_the_losses_of_the_cpu(ScalarType compute, double tolerance)
    {
        Assert.SkipUnless(cuda.is_available(), "this machine has no usable CUDA device");
        double[] expected = Losses(ModelPlacement.Cpu());
        double[] found = Losses(new ModelPlacement(device(DeviceType.CUDA, 0), ScalarType.Float32, compute));
        Assert.Equal(expected, found, (a, b) => Math.Abs(a - b) < tolerance);
    }

    private static double[] Losses(ModelPlacement placement)
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new LlamaModel(TestModels.Tiny(), placement);
        WeightInitializer.Initialize(model, seed: 9, embeddingDeviation: 0.5);
        using AdamW optimizer = TestSteps.Optimizer(model, decay: 0.1);
        var step = new TrainingStep(model, optimizer, LearningRateScheduleTests.Schedule(ScheduleShape.Cosine, 0.01, 1, 5), clip: 1);
        long[] ids = [.. Enumerable.Range(0, 40).Select(i => (long)(i * i % 61))];
        UpdateBatch batch = new([new MicroBatch(ids, [.. ids.Skip(1), 5], 2)]);
        return [.. Enumerable.Range(0, 5).Select(number => step.Run(number, batch).Loss)];
    }
}
