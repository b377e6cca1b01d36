using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Cross-entropy of next tokens, in nats. The head runs over a few rows at a time, so that the logits of all tokens, (tokens, vocabulary), never
/// stand whole in memory; neither does their gradient.
/// </summary>
public static class CrossEntropy
{
    /// <summary>A target that counts for nothing.</summary>
    public const long Ignored = -100;

    /// <summary>Numbers in a piece of logits: small enough to stay in a core's cache, large enough for a full-speed matrix product.</summary>
    private const long PieceSize = 1 << 21;

    /// <summary>Mean over the targets that are not <see cref="Ignored"/>; adds its gradient, times <paramref name="weight"/>, to the parameters' gradients.</summary>
    /// <param name="ids">(batch, time)</param>
    /// <param name="targets">The token that follows each id, (batch, time).</param>
    /// <returns>The unweighted mean, a number outside the graph, in float32 or wider.</returns>
    public static Tensor Backward(LlamaModel model, Tensor ids, Tensor targets, double weight = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor flat = targets.reshape(-1);
        Tensor count = flat.ne(Ignored).sum().to(model.Placement.Wide);
        Tensor hidden = model.Hidden(ids); // (batch, time, hidden)
        Tensor total = zeros([], model.Placement.Wide, model.Placement.Device);
        var gradients = new List<Tensor>();
        foreach ((Tensor rows, Tensor answers) in Pieces(model, hidden, flat))
        {
            // Each piece goes back to its own rows at once; its logits are gone before the next piece.
            using DisposeScope piece = NewDisposeScope();
            Tensor leaf = rows.requires_grad_();
            Tensor sum = SumOfRows(model, leaf, answers);
            (sum * weight / count).backward();
            total.add_(sum.detach());
            gradients.Add(leaf.grad!.MoveToOuterDisposeScope());
        }
        hidden.backward([cat(gradients).view(hidden.shape)]);
        return (total / count).MoveToOuterDisposeScope();
    }

    /// <summary>Sum over the targets that are not <see cref="Ignored"/>, without a graph.</summary>
    public static Tensor Sum(LlamaModel model, Tensor ids, Tensor targets)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor total = zeros([], ScalarType.Float64, model.Placement.Device);
        foreach ((Tensor rows, Tensor answers) in Pieces(model, model.Hidden(ids), targets.reshape(-1)))
        {
            using DisposeScope piece = NewDisposeScope();
            total.add_(SumOfRows(model, rows, answers));
        }
        return total.MoveToOuterDisposeScope();
    }

    /// <summary>Cuts the tokens into pieces: (rows, hidden) and (rows).</summary>
    private static IEnumerable<(Tensor Rows, Tensor Answers)> Pieces(LlamaModel model, Tensor hidden, Tensor targets)
    {
        long rows = Math.Max(64, PieceSize / model.Architecture.VocabularySize);
        return hidden.detach().view(targets.shape[0], -1).split(rows).Zip(targets.split(rows));
    }

    private static Tensor SumOfRows(LlamaModel model, Tensor rows, Tensor answers) =>
        nn.functional.cross_entropy(model.Head(rows).to(model.Placement.Wide), answers, ignore_index: Ignored, reduction: nn.Reduction.Sum);
}
