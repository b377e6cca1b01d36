namespace Factory.Core.Architecture;

/// <summary>
/// Where a block's norms sit and how they are scaled ("The Curse of Depth in Large Language Models", arXiv 2502.05795).
/// A scheme exists only here and in <see cref="BlockPlan.For"/>; everything else works on the plan.
/// </summary>
public enum NormScheme
{
    /// <summary>Pre-LN: x + A(N(x)).</summary>
    Pre,

    /// <summary>LayerNorm Scaling: x + A(N(x) / sqrt(depth)), depth counted in blocks from one (equation 12).</summary>
    Lns,
}
