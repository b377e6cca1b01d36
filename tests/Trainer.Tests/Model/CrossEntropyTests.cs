using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

public sealed class CrossEntropyTests
{
    [Fact]
    public void Pieces_of_the_head_give_the_loss_and_gradients_of_the_whole()
    {
        using DisposeScope scope = NewDisposeScope();
        // A vocabulary so large that two rows of 70 tokens are cut into pieces of 64 rows.
        using var pieces = new LlamaModel(TestModels.Tiny() with { VocabularySize = 40_000, MaxPositions = 70 }, ModelPlacement.Cpu(ScalarType.Float64));
        WeightInitializer.Initialize(pieces, seed: 3);
        Tensor ids = tensor(Enumerable.Range(0, 140).Select(i => (long)(i * 283 % 40_000)).ToArray(), [2, 70]);
        Tensor targets = ids.roll(-1, 1).clone();
        targets[0, 60..] = CrossEntropy.Ignored;

        Tensor found = CrossEntropy.Backward(pieces, ids, targets, weight: 0.5);
        Dictionary<string, Tensor> gradients = pieces.Weights.ToDictionary(named => named.Key, named => named.Value.grad!.clone());
        pieces.zero_grad();
        Tensor whole = nn.functional.cross_entropy(pieces.forward(ids).view(140, -1), targets.view(-1), ignore_index: CrossEntropy.Ignored);
        (whole * 0.5).backward();

        Assert.Equal(whole.item<double>(), found.item<double>(), 1e-12);
        Assert.Equal(whole.item<double>() * 130, CrossEntropy.Sum(pieces, ids, targets).item<double>(), 1e-9);
        Assert.All(pieces.Weights, named => Assert.True((named.Value.grad! - gradients[named.Key]).abs().max().item<double>() < 1e-12, named.Key));
    }
}
