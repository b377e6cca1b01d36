using Factory.Trainer.Data;
using Factory.Trainer.Distributed;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Training;

/// <summary>One batch of eight ragged rows, one of them without any label: cut differently, it is the same update.</summary>
public sealed class MicroBatchTests
{
    private const int Time = 12;

    private static readonly int[] Valid = [11, 3, 7, 0, 1, 12, 5, 9];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Loss_gradients_and_weights_do_not_depend_on_how_rows_are_cut_into_micro_batches(int rows)
    {
        using DisposeScope scope = NewDisposeScope();
        (StepReport expected, Dictionary<string, Tensor> weights) = Updated(8, null);
        (StepReport found, Dictionary<string, Tensor> others) = Updated(rows, null);
        Assert.Equal(Valid.Sum(), expected.ValidTokens);
        AssertSame(expected, weights, found, others);
    }

    [Fact]
    public void Nor_on_how_many_processes_share_them()
    {
        using DisposeScope scope = NewDisposeScope();
        (StepReport expected, Dictionary<string, Tensor> weights) = Updated(8, null);
        using var sum = new ThreadGroup(2);
        var reports = new (StepReport Report, Dictionary<string, Tensor> Weights)[2];
        Thread[] ranks = [.. Enumerable.Range(0, 2).Select(rank => new Thread(() => reports[rank] = Updated(2, sum.Member(rank))))];
        Array.ForEach(ranks, rank => rank.Start());
        Array.ForEach(ranks, rank => rank.Join());
        Assert.All(reports, found => AssertSame(expected, weights, found.Report, found.Weights));
    }

    [Fact]
    public void A_batch_without_labels_has_loss_and_gradient_zero()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Model();
        using AdamW optimizer = TestSteps.Optimizer(model);
        StepReport report = TestSteps.Step(model, optimizer).Measure(0, new UpdateBatch([Rows(0, 1, _ => 0)]), cancellationToken: TestContext.Current.CancellationToken)!.Read();
        Assert.Equal((0.0, 0.0, 0L), (report.Loss, report.Gradient.Total, report.ValidTokens));
    }

    [Fact]
    public void The_norm_of_the_whole_gradient_is_that_of_its_parts()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Model();
        using AdamW optimizer = TestSteps.Optimizer(model);
        GradientNorms norms = TestSteps.Step(model, optimizer).Measure(0, Batch(4), cancellationToken: TestContext.Current.CancellationToken)!.Read().Gradient;
        Assert.Equal(model.Architecture.BlockCount, norms.Blocks.Count);
        double all = Math.Sqrt(model.Weights.Values.Sum(weight => weight.grad!.square().sum().item<double>()));
        double second = Math.Sqrt(model.Weights.Where(named => named.Key.StartsWith("model.layers.1.", StringComparison.Ordinal)).Sum(named => named.Value.grad!.square().sum().item<double>()));
        Assert.Equal(all, norms.Total, 1e-12);
        Assert.Equal(second, norms.Blocks[1], 1e-12);
    }

    private static void AssertSame(StepReport expected, Dictionary<string, Tensor> weights, StepReport found, Dictionary<string, Tensor> others)
    {
        Assert.Equal(expected.Loss, found.Loss, 1e-9);
        Assert.Equal(expected.Gradient.Total, found.Gradient.Total, 1e-9);
        Assert.All(weights, named => Assert.True((named.Value - others[named.Key]).abs().max().item<double>() < 1e-9, named.Key));
    }

    /// <summary>The report of one update and the gradients and weights after it.</summary>
    private static (StepReport Report, Dictionary<string, Tensor> Tensors) Updated(int rows, IProcessGroup? group)
    {
        using LlamaModel model = Model();
        using AdamW optimizer = TestSteps.Optimizer(model, decay: 0.1);
        var step = new TrainingStep(model, optimizer, LearningRateScheduleTests.Schedule(ScheduleShape.Constant, 0.01, 0, 9), clip: 0, group);
        StepReport report = step.Run(0, Batch(rows));
        return (report, model.Weights.SelectMany(named => new[] { (named.Key, named.Value.detach().clone()), ($"grad.{named.Key}", named.Value.grad!.clone()) })
            .ToDictionary(pair => pair.Item1, pair => pair.Item2.DetachFromDisposeScope()));
    }

    private static LlamaModel Model()
    {
        var model = new LlamaModel(TestModels.Tiny(), ModelPlacement.Cpu(ScalarType.Float64));
        WeightInitializer.Initialize(model, seed: 6, embeddingDeviation: 0.5);
        return model;
    }

    private static UpdateBatch Batch(int rows) => new([.. Enumerable.Range(0, 8 / rows).Select(micro => Rows(micro * rows, rows, row => Valid[row]))]);

    private static MicroBatch Rows(int first, int rows, Func<int, int> valid)
    {
        long[] ids = [.. Enumerable.Range(first * Time, rows * Time).Select(i => (long)(i * i % 61))];
        long[] labels = [.. Enumerable.Range(first * Time, rows * Time).Select(i => i % Time < valid(i / Time) ? (long)(i * 7 % 61) : MicroBatch.Ignored)];
        return new MicroBatch(ids, labels, rows);
    }
}
