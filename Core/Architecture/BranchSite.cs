namespace Factory.Core.Architecture;

/// <summary>Where a branch stands in a model: all that a method needs to plan it.</summary>
/// <param name="Index">The block's position, from zero.</param>
public sealed record BranchSite(LlamaArchitecture Model, int Index, BranchKind Kind)
{
    /// <summary>The block's depth, from one.</summary>
    public int Depth => Index + 1;

    /// <summary>1/sqrt(depth), or depth to the minus of the exponent that was asked for: the only place where the factor of LayerNorm Scaling is computed.</summary>
    public double DepthScale => Model.DepthExponent is double exponent ? Math.Pow(Depth, -exponent) : 1 / Math.Sqrt(Depth);

    /// <summary>The RMSNorm that every LLaMA block has for this branch, under Hugging Face's name: input_layernorm or post_attention_layernorm.</summary>
    public NormPlan Norm => RMSNorm(NormName);

    /// <summary>An RMSNorm of the residual stream with the model's epsilon.</summary>
    /// <param name="name">Below the block, such as "post_feedforward_layernorm".</param>
    public NormPlan RMSNorm(string name) => new(NormKind.RMSNorm, $"{BlockPlan.PrefixOf(Index)}.{name}", Model.HiddenSize, Model.RmsNormEpsilon);

    /// <summary>A norm of groups of channels, in place of <see cref="Norm"/>.</summary>
    public NormPlan GroupNorm(NormKind kind, int groups, double epsilon) =>
        new(kind, $"{BlockPlan.PrefixOf(Index)}.{NormName}", Model.HiddenSize, epsilon) { Groups = groups };

    /// <summary>A trained factor of this branch alone: attention_NAME or mlp_NAME.</summary>
    /// <param name="channels">1 for a scalar, else the hidden size.</param>
    public ScalePlan Own(string name, int channels, double initial) => Shared($"{Stem}_{name}", channels, initial);

    /// <summary>A trained factor that both branches of the block share.</summary>
    public ScalePlan Shared(string name, int channels, double initial) => ScalePlan.Learnt($"{BlockPlan.PrefixOf(Index)}.{name}", channels, initial);

    private string NormName => Kind switch
    {
        BranchKind.Attention => "input_layernorm",
        BranchKind.FeedForward => "post_attention_layernorm",
    };

    private string Stem => Kind switch
    {
        BranchKind.Attention => "attention",
        BranchKind.FeedForward => "mlp",
    };
}
