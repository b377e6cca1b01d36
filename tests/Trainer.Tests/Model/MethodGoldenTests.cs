using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

/// <summary>Against an independent float64 implementation of the method.</summary>
public sealed class MethodGoldenTests
{
    private const double Tolerance = 1e-9;

    [Theory]
    [MemberData(nameof(MethodFolders.All), MemberType = typeof(MethodFolders))]
    public void Logits_loss_every_gradient_and_block_variances_agree_to_1e_minus_9(string method)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = GoldenData.At("method_golden", method);
        using LlamaModel model = TestModels.Load(folder, ScalarType.Float64);
        using SafetensorsReader expected = SafetensorsReader.Open(Path.Combine(folder, "expected.safetensors"));
        Tensor ids = from_array(expected.Read<long>("input_ids", ElementType.Int64)).reshape([.. expected.Entry("input_ids").Shape]);

        using (no_grad())
        {
            Close(WeightFile.Read(expected, "logits"), model.forward(ids), "logits");
        }
        Assert.Equal(expected.Read<double>("block_output_variance", ElementType.Float64), model.BlockOutputVariance(ids), Near);
        // The whole sequence goes in, as it did in the reference: one method lets a token see those after it.
        Tensor targets = cat([ids[.., 1..], full_like(ids[.., ..1], CrossEntropy.Ignored)], 1);
        Tensor loss = CrossEntropy.Backward(model.Hidden(ids), model.HeadWeight, targets, targets.ne(CrossEntropy.Ignored).sum().item<long>());
        Close(WeightFile.Read(expected, "loss"), loss.reshape(1), "loss");
        foreach (string name in model.Weights.Keys)
        {
            Close(WeightFile.Read(expected, $"grad.{name}"), model.Weights[name].grad!, name);
        }
    }

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < Tolerance;

    private static void Close(Tensor expected, Tensor actual, string what)
    {
        Assert.Equal(expected.shape, actual.shape);
        double difference = (expected - actual).abs().max().item<double>();
        Assert.True(difference < Tolerance, $"{what}: largest difference {difference}");
    }
}
