using Factory.Core.Architecture.Methods;
using Factory.Trainer.Data;
using Factory.Trainer.FineTuning;
using Factory.Trainer.Kernels;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>Blocks that are computed again on the way back: not a bit of loss, gradient or weight differs.</summary>
public sealed class RecomputeTests
{
    public RecomputeTests() => LibTorchLibrary.Prepare();

    public static TheoryData<string, bool, string> Cases => [.. KernelSet.All.Keys.SelectMany(kernels =>
        new[] { (false, "pre"), (true, "lns"), (true, "sandwich") }.Select(of => (kernels, of.Item1, of.Item2)))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_gradients_and_weights_are_bit_for_bit_those_without(string kernels, bool narrow, string method)
    {
        using DisposeScope scope = NewDisposeScope();
        var placement = new ModelPlacement(CPU, ScalarType.Float32, narrow ? ScalarType.BFloat16 : ScalarType.Float32) { Kernels = KernelSet.Named(kernels) };
        AssertSame(Trained(placement, method, adapters: false), Trained(placement with { Recompute = true }, method, adapters: false));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("fused-libtorch")]
    public void So_are_those_of_adapters_beside_a_frozen_model(string kernels)
    {
        using DisposeScope scope = NewDisposeScope();
        ModelPlacement placement = ModelPlacement.Cpu() with { Kernels = KernelSet.Named(kernels) };
        AssertSame(Trained(placement, "lns", adapters: true), Trained(placement with { Recompute = true }, "lns", adapters: true));
    }

    private static void AssertSame(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found) =>
        Assert.All(expected, named => Assert.True(named.Value.Equals(found[named.Key]), named.Key));

    private static Dictionary<string, Tensor> Trained(ModelPlacement placement, string method, bool adapters)
    {
        using var model = new LlamaModel(TestModels.Tiny(scheme: NormSchemes.Named(method)), placement);
        WeightInitializer.Initialize(model, seed: 6, embeddingDeviation: 0.5);
        using LowRankAdapters? beside = adapters ? new LowRankAdapters(model, new LoraRecipe(2, 4, ["q_proj", "down_proj"], false), seed: 3) : null;
        using var optimizer = new AdamW((ITrainableSet?)beside ?? new AllParameters(model), new() { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0.1, Clip = 0 });
        TrainingStep step = TestSteps.Step(model, optimizer);
        var found = new Dictionary<string, Tensor>();
        for (int number = 0; number < 3; number++)
        {
            StepReport report = step.Run(number, new UpdateBatch([BatchRows.Micro([1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 4]), BatchRows.Micro([11, 12, 1, 1, 2, 60])]));
            found.Add($"loss {number}", tensor(report.Loss));
        }
        Assert.NotEqual(found["loss 0"].item<double>(), found["loss 2"].item<double>());
        foreach (TrainableParameter parameter in optimizer.Parameters.All)
        {
            found.Add($"gradient {parameter.Name}", parameter.Value.grad!.detach().clone());
            found.Add($"weight {parameter.Name}", parameter.Value.detach().clone());
        }
        return found;
    }
}
