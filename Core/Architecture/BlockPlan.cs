namespace Factory.Core.Architecture;

/// <summary>
/// What one block does, as data. The TorchSharp block and the ONNX emitter both take a plan; neither knows the scheme.
/// <code>
/// x ─┬─ AttentionNorm ─ attention ─┬─ + ─┬─ FeedForwardNorm ─ SwiGLU ─┬─ + ─► next block
///    └─────────────────────────────┘     └────────────────────────────┘
/// </code>
/// </summary>
/// <param name="Index">Position in the model, from zero; names the parameters.</param>
/// <param name="AttentionNorm">Norm in front of the attention.</param>
/// <param name="FeedForwardNorm">Norm in front of the feed-forward network.</param>
public sealed record BlockPlan(int Index, NormPlan AttentionNorm, NormPlan FeedForwardNorm)
{
    /// <summary>Depth as the paper counts it: the first block has depth one.</summary>
    public int Depth => Index + 1;

    /// <summary>Prefix of this block's parameter names, without the closing dot.</summary>
    public string Prefix => $"model.layers.{Index}";

    /// <summary>The plan of block <paramref name="index"/> (from zero) under <paramref name="scheme"/>.</summary>
    public static BlockPlan For(NormScheme scheme, int index)
    {
        double scale = scheme switch
        {
            NormScheme.Pre => 1.0,
            NormScheme.Lns => DepthScale(index + 1),
        };
        string prefix = $"model.layers.{index}";
        return new BlockPlan(
            index,
            new NormPlan($"{prefix}.input_layernorm.weight", scale),
            new NormPlan($"{prefix}.post_attention_layernorm.weight", scale));
    }

    /// <summary>1/sqrt(depth), depth from one: the only place where the factor is computed.</summary>
    private static double DepthScale(int depth) => 1.0 / Math.Sqrt(depth);
}
