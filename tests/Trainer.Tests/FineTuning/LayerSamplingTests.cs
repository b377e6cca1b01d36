using Factory.Trainer.FineTuning;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Tests.Training;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.FineTuning;

public sealed class LayerSamplingTests
{
    [Fact]
    public void Blocks_are_drawn_anew_every_so_many_updates_each_equally_often_and_the_same_for_a_seed()
    {
        using var model = new LlamaModel(TestModels.Tiny() with { BlockCount = 6 }, ModelPlacement.Cpu());
        var sampling = new LayerSampling(model, active: 2, every: 3, seed: 7);
        HashSet<int>[] draws = [.. Enumerable.Range(0, 900).Select(step => sampling.BlocksAt(step))];
        Assert.All(draws, draw => Assert.Equal(2, draw.Count));
        Assert.All(Enumerable.Range(0, 900), step => Assert.Equal(draws[step / 3 * 3].Order(), draws[step].Order()));
        Assert.All(Enumerable.Range(0, 6), block => Assert.InRange(draws.Count(draw => draw.Contains(block)), 220, 380));
        Assert.Equal(draws[100].Order(), new LayerSampling(model, 2, 3, seed: 7).BlocksAt(100).Order());
    }

    [Fact]
    public void Only_the_drawn_blocks_and_what_stands_around_the_blocks_change()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new LlamaModel(TestModels.Tiny(), ModelPlacement.Cpu(ScalarType.Float64));
        WeightInitializer.Initialize(model, seed: 6, embeddingDeviation: 0.5);
        var sampling = new LayerSampling(model, active: 1, every: 1, seed: 5);
        using var optimizer = new AdamW(sampling, new() { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0, Clip = 0 });
        TrainingStep step = TestSteps.Step(model, optimizer);
        for (int number = 0; number < 6; number++)
        {
            Dictionary<string, Tensor> before = model.Weights.ToDictionary(named => named.Key, named => named.Value.detach().clone());
            step.Run(number, BatchRows.Next([1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 4]));
            int drawn = Assert.Single(sampling.BlocksAt(number));
            foreach (TrainableParameter parameter in sampling.All)
            {
                Assert.Equal(parameter.Block is null || parameter.Block == drawn, !parameter.Value.Equals(before[parameter.Name]));
            }
        }
        // Each parameter's bias correction counts its own updates.
        long[] expected = [.. sampling.All.Select(parameter => parameter.Block is int block ? Enumerable.Range(0, 6).LongCount(number => sampling.BlocksAt(number).Contains(block)) : 6)];
        Assert.Equal(expected, optimizer.Counts);
    }
}
