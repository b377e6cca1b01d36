using Factory.Trainer.Kernels;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Factory.Trainer.Model;

/// <summary>
/// Cross-entropy of labels under head(hidden), in nats. It never runs the model. The head goes over a few rows at a time, so that the logits of all
/// tokens, (tokens, vocabulary), never stand whole in memory; neither does their gradient.
/// </summary>
public static class CrossEntropy
{
    /// <summary>A label that counts for nothing.</summary>
    public const long Ignored = Data.MicroBatch.Ignored;

    /// <summary>Numbers in a chunk of logits: small enough to stay in a core's cache, large enough for a full-speed matrix product.</summary>
    private const long ChunkSize = 1 << 21;

    /// <summary>Rows of a chunk.</summary>
    internal static long ChunkRows(long vocabulary) => Math.Max(64, ChunkSize / vocabulary);

    /// <summary>
    /// Sum over the labels that count, over <paramref name="globalValidTokens"/>; adds the gradient of that to the gradients of the head and of all that
    /// <paramref name="hidden"/> came from. Over all micro-batches and ranks of an update these sums are the mean over its valid tokens and its gradient.
    /// </summary>
    /// <param name="hidden">What the head reads, (batch, time, hidden), with its graph.</param>
    /// <param name="head">(vocabulary, hidden)</param>
    /// <param name="labels">The token that follows each, or <see cref="Ignored"/>; (batch, time).</param>
    /// <param name="globalValidTokens">Labels that count in the whole update.</param>
    /// <returns>A number outside the graph, in float32 or wider.</returns>
    public static Tensor Backward(Tensor hidden, Parameter head, Tensor labels, long globalValidTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(globalValidTokens);
        using DisposeScope scope = NewDisposeScope();
        using Scalar count = globalValidTokens.ToScalar();
        Tensor total = zeros([], Accumulate(head), head.device);
        var gradients = new List<Tensor>();
        foreach ((Tensor rows, Tensor expected) in Chunks(hidden, head, labels))
        {
            // Each chunk goes back to its own rows at once; its logits are gone before the next chunk.
            using DisposeScope chunk = NewDisposeScope();
            Tensor leaf = rows.requires_grad_();
            Tensor loss = SumOfRows(leaf, head, expected).div(count);
            loss.backward();
            total.Increase(loss.detach());
            gradients.Add(leaf.grad!.MoveToOuterDisposeScope());
        }
        hidden.backward([cat(gradients).view(hidden.shape)]);
        return total.MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Backward(Tensor, Parameter, Tensor, long)"/>, with the fused kernels where the placement has them.</summary>
    internal static Tensor Backward(ModelPlacement placement, Tensor hidden, Parameter head, Tensor labels, long globalValidTokens) => placement.IsFused
        ? FusedCrossEntropy.Backward(placement.Kernels.Gemm, hidden, head, labels, 1.0 / globalValidTokens)
        : Backward(hidden, head, labels, globalValidTokens);

    /// <summary>Sum over the labels that count, without a graph, in float64.</summary>
    /// <inheritdoc cref="Backward" path="/param"/>
    public static Tensor Sum(Tensor hidden, Parameter head, Tensor labels)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor total = zeros([], ScalarType.Float64, head.device);
        foreach ((Tensor rows, Tensor expected) in Chunks(hidden, head, labels))
        {
            using DisposeScope chunk = NewDisposeScope();
            total.Increase(SumOfRows(rows, head, expected));
        }
        return total.MoveToOuterDisposeScope();
    }

    /// <summary>Cuts the tokens into chunks: (rows, hidden) and (rows).</summary>
    private static IEnumerable<(Tensor Rows, Tensor Labels)> Chunks(Tensor hidden, Parameter head, Tensor labels)
    {
        long rows = ChunkRows(head.shape[0]);
        return hidden.detach().view(-1, hidden.shape[^1]).split(rows).Zip(labels.reshape(-1).split(rows));
    }

    private static Tensor SumOfRows(Tensor rows, Parameter head, Tensor labels)
    {
        Tensor logits = nn.functional.linear(rows, head.to(rows.dtype)).to(Accumulate(head)); // (rows, vocabulary)
        return nn.functional.cross_entropy(logits, labels, ignore_index: Ignored, reduction: nn.Reduction.Sum);
    }

    private static ScalarType Accumulate(Parameter head) => head.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
}
