namespace Factory.Core.Architecture.Methods;

/// <summary>The insertion points of the paper's own ablation, and gains that start at 1/sqrt(depth).</summary>
internal sealed class LayerNormScalingVariant(LayerNormScalingPlace place) : NormScheme
{
    public override string Name => place switch
    {
        LayerNormScalingPlace.BeforeNorm => "lns-before-norm",
        LayerNormScalingPlace.BranchOutput => "lns-branch-output",
        LayerNormScalingPlace.AttentionOnly => "lns-attention-only",
        LayerNormScalingPlace.FeedForwardOnly => "lns-feed-forward-only",
        LayerNormScalingPlace.GainInit => "lns-gain-init",
    };

    public override string Title => place switch
    {
        LayerNormScalingPlace.BeforeNorm => "LNS before the norm",
        LayerNormScalingPlace.BranchOutput => "LNS on the branch's output",
        LayerNormScalingPlace.AttentionOnly => "LNS on the attention only",
        LayerNormScalingPlace.FeedForwardOnly => "LNS on the feed-forward network only",
        LayerNormScalingPlace.GainInit => "LNS as the initial gain",
    };

    public override string Equation => place switch
    {
        LayerNormScalingPlace.BeforeNorm => "x' = x + A(N(x/√l)); y = x' + F(N(x'/√l))",
        LayerNormScalingPlace.BranchOutput => "x' = x + A(N(x))/√l; y = x' + F(N(x'))/√l",
        LayerNormScalingPlace.AttentionOnly => "x' = x + A(N(x)/√l); y = x' + F(N(x'))",
        LayerNormScalingPlace.FeedForwardOnly => "x' = x + A(N(x)); y = x' + F(N(x')/√l)",
        LayerNormScalingPlace.GainInit => "as pre",
    };

    public override string Constants => place == LayerNormScalingPlace.GainInit ? "the gains of a block's norms start at 1/√l" : "";

    public override string Source => place == LayerNormScalingPlace.GainInit
        ? "the code of GPAS (arXiv 2506.22049), which has LNS so"
        : "Sun et al. 2025, arXiv 2502.05795 v5, Table 8";

    public override bool IsInPaper => place != LayerNormScalingPlace.GainInit;

    public override IReadOnlyList<string> Settings => [LayerNormScaling.ExponentKey];

    public override ResidualBranch Branch(BranchSite site)
    {
        NormPlan scaled = site.Norm with { Scale = site.DepthScale };
        return place switch
        {
            LayerNormScalingPlace.BeforeNorm => new() { Input = site.Norm with { InputScale = site.DepthScale } },
            LayerNormScalingPlace.BranchOutput => new() { Input = site.Norm, Branch = ScalePlan.Fixed(site.DepthScale) },
            LayerNormScalingPlace.AttentionOnly => new() { Input = site.Kind == BranchKind.Attention ? scaled : site.Norm },
            LayerNormScalingPlace.FeedForwardOnly => new() { Input = site.Kind == BranchKind.FeedForward ? scaled : site.Norm },
            LayerNormScalingPlace.GainInit => new() { Input = site.Norm with { InitialGain = site.DepthScale } },
        };
    }
}
