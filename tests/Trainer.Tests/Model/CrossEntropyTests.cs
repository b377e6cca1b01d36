using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

public sealed class CrossEntropyTests
{
    [Fact]
    public void Chunks_of_the_head_give_the_loss_and_gradients_of_the_whole()
    {
        using DisposeScope scope = NewDisposeScope();
        // A vocabulary so large that two rows of 70 tokens are cut into model of 64 rows.
        using var model = new LlamaModel(TestModels.Tiny() with { VocabularySize = 40_000, MaxPositions = 70 }, ModelPlacement.Cpu(ScalarType.Float64));
        WeightInitializer.Initialize(model, seed: 3);
        Tensor ids = tensor(Enumerable.Range(0, 140).Select(i => (long)(i * 283 % 40_000)).ToArray(), [2, 70]);
        Tensor targets = ids.roll(-1, 1).clone();
        targets[0, 60..] = CrossEntropy.Ignored;

        Tensor found = CrossEntropy.Backward(model.Hidden(ids), model.HeadWeight, targets, globalValidTokens: 260);
        Dictionary<string, Tensor> gradients = model.Weights.ToDictionary(named => named.Key, named => named.Value.grad!.clone());
        model.zero_grad();
        Tensor whole = nn.functional.cross_entropy(model.forward(ids).view(140, -1), targets.view(-1), ignore_index: CrossEntropy.Ignored);
        (whole * 0.5).backward();

        Assert.Equal(whole.item<double>() * 0.5, found.item<double>(), 1e-12);
        Assert.Equal(whole.item<double>() * 130, CrossEntropy.Sum(model.Hidden(ids), model.HeadWeight, targets).item<double>(), 1e-9);
        Assert.All(model.Weights, named => Assert.True((named.Value.grad! - gradients[named.Key]).abs().max().item<double>() < 1e-12, named.Key));
    }
}
