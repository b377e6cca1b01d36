using Factory.Core.Architecture;

namespace Factory.Trainer.Training;

/// <summary>Counts the bytes that one micro-batch keeps for its backward pass.</summary>
/// <param name="fused">Whether the fused kernels compute.</param>
/// <param name="weight">Bytes of a weight and of a number in the residual stream.</param>
/// <param name="compute">Bytes of a number in products and attention.</param>
internal sealed class KeptTensors(bool fused, int weight, int compute)
{
    /// <summary>Statistics are taken in float32.</summary>
    private const int Wide = 4;

    public long Bytes(LlamaArchitecture architecture, long tokens)
    {
        IReadOnlyList<BlockPlan> blocks = [.. architecture.Blocks];
        long perToken = blocks.Sum(block => AttentionBytes(block.SelfAttention) + FeedForwardBytes(block.Mlp) + Norms(block).Sum(_ => NormBytes(architecture.HiddenSize)));
        long copies = blocks.Sum(block => CopiedWeights(block, architecture.HiddenSize));
        long widest = blocks.Max(block => block.Mlp.InnerSize);
        // On its way back through the widest feed-forward network a block needs its gradients as well.
        long backward = (fused ? 5 : 4) * widest * compute;
        return (tokens * (perToken + backward)) + (copies * compute) + Logits(architecture.VocabularySize, tokens);
    }

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

    /// <summary>Weights that products read from a copy: packed side by side, or in a narrower type.</summary>
    private long CopiedWeights(BlockPlan block, long hidden)
    {
        bool gated = block.Mlp.Kind == FeedForwardKind.SwiGLU;
        long packed = hidden * (block.SelfAttention.QueryWidth + (2 * block.SelfAttention.KeyWidth) + (gated ? 2L * block.Mlp.InnerSize : 0));
        long rest = hidden * (block.SelfAttention.QueryWidth + (gated ? 1L : 2L) * block.Mlp.InnerSize);
        return compute < weight ? packed + rest : fused ? packed : 0;
    }

    /// <summary>One chunk of the loss, as <see cref="Model.CrossEntropy"/> and the fused one cut it; plain operators keep the gradient beside it.</summary>
    private long Logits(long vocabulary, long tokens) => fused
        ? Math.Min(tokens, Math.Max(64, (1L << 22) / vocabulary)) * vocabulary * compute
        : 2 * Math.Min(tokens, Math.Max(64, (1L << 21) / vocabulary)) * vocabulary * Wide;
}
