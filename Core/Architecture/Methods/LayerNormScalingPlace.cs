namespace Factory.Core.Architecture.Methods;

/// <summary>Where 1/sqrt(depth) can go instead of every norm's output (arXiv 2502.05795 v5, Table 8), and that it can be where gains start.</summary>
internal enum LayerNormScalingPlace
{
    /// <summary>On the norm's input, where an RMSNorm undoes it but for its epsilon: Table 8's "before LN".</summary>
    BeforeNorm,

    /// <summary>On the branch's output: Table 8's "after Attn/FFN".</summary>
    BranchOutput,

    /// <summary>On the output of the attention's norm alone.</summary>
    AttentionOnly,

    /// <summary>On the output of the feed-forward network's norm alone.</summary>
    FeedForwardOnly,

    /// <summary>Gains start at it and are trained from there.</summary>
    GainInit,
}
