using Factory.Core.Architecture;
using Factory.Trainer.Kernels;
using Factory.Trainer.Model;

namespace Factory.Trainer.Training;

/// <summary>Counts the bytes that one micro-batch keeps for its backward pass.</summary>
/// <param name="fused">Whether the fused kernels compute.</param>
/// <param name="weight">Bytes of a weight and of a number in the residual stream.</param>
/// <param name="compute">Bytes of a number in products and attention.</param>
/// <param name="recompute">Whether blocks keep only their input and one at a time all that it needs.</param>
internal sealed class KeptTensors(bool fused, int weight, int compute, bool recompute)
{
    /// <summary>Statistics are taken in float32.</summary>
    private const int Wide = 4;

    /// <summary>What the backward pass of <paramref name="tokens"/> tokens finds kept.</summary>
    public long Kept(LlamaArchitecture architecture, long tokens)
    {
        IReadOnlyList<long> blocks = [.. architecture.Blocks.Select(block => AttentionBytes(block.SelfAttention) + FeedForwardBytes(block.Mlp) + Norms(block).Sum(_ => NormBytes(architecture.HiddenSize)))];
        long perToken = recompute ? blocks.Max() + ((long)blocks.Count * architecture.HiddenSize * weight) : blocks.Sum();
        return (tokens * perToken) + Logits(architecture.VocabularySize, tokens);
    }

    /// <summary>What a block's gradients take on the way back through the widest feed-forward network.</summary>
    public long Backward(LlamaArchitecture architecture, long tokens) => tokens * (fused ? 5 : 4) * architecture.Blocks.Max(block => block.Mlp.InnerSize) * compute;

    /// <summary>Weights that products read from a copy in a narrower type.</summary>
    public long Copies(LlamaArchitecture architecture) => compute < weight ? compute * architecture.Parameters.TotalCount : 0;

    /// <summary>The fused norm keeps its input and one sum a token, plain operators also the squares' root times the input; both what they give on.</summary>
    private long NormBytes(long channels) =>
        (channels * (weight + compute + (fused ? 0 : compute == Wide ? Wide : 2 * Wide))) + Wide;

    /// <summary>Packed queries, keys and values, and the output; plain operators also keep them rotated, and the output in the other order.</summary>
    private long AttentionBytes(AttentionPlan plan)
    {
        long packed = plan.QueryWidth + (2 * plan.KeyWidth);
        return fused ? ((packed + plan.QueryWidth) * compute) + (plan.Heads * Wide) : 2 * (packed + plan.QueryWidth) * compute;
    }

    /// <summary>Gate, up and their product; plain operators also keep silu(gate).</summary>
    private long FeedForwardBytes(FeedForwardPlan plan) => compute * (long)plan.InnerSize * plan.Kind switch
    {
        FeedForwardKind.SwiGLU => fused ? 3 : 4,
        FeedForwardKind.Gelu => 2,
    };

    private static IEnumerable<NormPlan> Norms(BlockPlan block) =>
        new[] { block.Attention, block.FeedForward }.SelectMany(branch => new[] { branch.Input, branch.Output, branch.AfterAdd }).OfType<NormPlan>();

    /// <summary>One chunk of the loss; plain operators keep the gradient beside it.</summary>
    private long Logits(long vocabulary, long tokens) => fused
        ? Math.Min(tokens, FusedCrossEntropy.ChunkRows(vocabulary, compute)) * vocabulary * compute
        : 2 * Math.Min(tokens, CrossEntropy.ChunkRows(vocabulary)) * vocabulary * Wide;
}
