using Factory.Core.Architecture.Methods;
using Factory.Trainer.Data;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>Whole updates with the fused kernels, which add gradients where they are kept, beside plain operators through autograd alone.</summary>
public sealed class FusedStepTests
{
    public FusedStepTests() => LibTorchLibrary.Prepare();

    public static TheoryData<string, string, bool> Models => [.. KernelSet.All.Values.Where(set => set.Fused).SelectMany(set =>
        new[] { "pre", "post", "admin" }.SelectMany(method => new[] { false, true }.Select(tied => (set.Name, method, tied))))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_of_several_micro_batches_and_weights_after_three_updates_are_those_of_plain_operators(string kernels, string method, bool tied)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> plain = Updated(ModelPlacement.Cpu(ScalarType.Float64), method, tied);
        Dictionary<string, Tensor> fused = Updated(ModelPlacement.Cpu() with { Kernels = KernelSet.Named(kernels) }, method, tied);
        Assert.All(plain, named =>
        {
            // Of the whole tensor: Adam divides by a gradient's size, so that single numbers whose gradient is next to nothing may go another way.
            double distance = (named.Value - fused[named.Key].to(ScalarType.Float64)).norm().item<double>();
            Assert.InRange(distance / Math.Max(1e-3, named.Value.norm().item<double>()), 0, 2e-4);
        });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 0.25)]
    public void One_pass_over_flat_numbers_is_libtorchs_own_update(double decay, double clip)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] start = [randn(1_003), randn(1_003), randn(1_003) * 0.1, rand(1_003) * 0.1];
        Tensor[] one = [.. start.Select(tensor => tensor.clone())];
        Tensor[] other = [.. start.Select(tensor => tensor.clone())];
        using var fused = new FusedAdamUpdate();
        using var torch = new TorchAdamUpdate();
        for (int count = 1; count <= 4; count++)
        {
            // The fourth is broken.
            var numbers = new AdamNumbers(0.01, 0.9, 0.999, decay, 1e-8, count, clip == 1 ? null : tensor(clip, dtype: ScalarType.Float64), tensor(count == 4 ? 1f : 0f));
            Tensor before = one[0].clone();
            fused.Run(one[0], one[1], one[2], one[3], numbers);
            torch.Run(other[0], other[1].copy_(start[1]), other[2], other[3], numbers);
            Assert.Equal(count == 4, one[0].Equals(before));
        }
        Assert.True((one[0] - start[0]).abs().max().item<float>() > 0.01f);
        Assert.All(new[] { 0, 2, 3 }, i => Assert.InRange((one[i] - other[i]).abs().max().item<float>(), 0, 1e-6f));
    }

    private static Dictionary<string, Tensor> Updated(ModelPlacement placement, string method, bool tied)
    {
        using var model = new LlamaModel(TestModels.Tiny(tied: tied, scheme: NormSchemes.Named(method)), placement);
        WeightInitializer.Initialize(model, seed: 6, embeddingDeviation: 0.5);
        using AdamW optimizer = TestSteps.Optimizer(model, decay: 0.1);
        TrainingStep step = TestSteps.Step(model, optimizer, clip: 0.5);
        var found = new Dictionary<string, Tensor>();
        for (int number = 0; number < 3; number++)
        {
            using StepMeasurement measured = step.Measure(number, new UpdateBatch([BatchRows.Micro([1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 4]), BatchRows.Micro([11, 12, 1, 1, 2, 60])]), cancellationToken: TestContext.Current.CancellationToken)!;
            if (number == 0)
            {
                Keep("gradient");
            }
            step.Apply(measured);
        }
        Keep("weight");
        return found;

        void Keep(string kind)
        {
            foreach ((string name, var weight) in model.Weights)
            {
                found.Add($"{kind} {name}", (kind == "weight" ? (Tensor)weight : weight.grad!).detach().clone());
            }
        }
    }
}
