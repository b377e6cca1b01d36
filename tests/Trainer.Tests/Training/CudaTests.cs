using Factory.Trainer.Model;
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
        using var optimizer = new AdamW(model, new AdamWOptions(WeightDecay: 0.1));
        var step = new TrainingStep(model, optimizer, new LearningRateSchedule(0.01, 1, 5), clip: 1);
        Tensor ids = tensor(Enumerable.Range(0, 40).Select(i => (long)(i * i % 61)).ToArray(), [2, 20]).to(placement.Device);
        return [.. Enumerable.Range(0, 5).Select(number => step.Run(number, [(ids, ids.roll(-1, 1))]).Loss)];
    }
}
