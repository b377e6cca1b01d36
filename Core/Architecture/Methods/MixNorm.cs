namespace Factory.Core.Architecture.Methods;

/// <summary>Mix-LN: the first blocks Post-LN, the others Pre-LN (arXiv 2412.13795).</summary>
public sealed class MixNorm : NormScheme
{
    /// <summary>config.json's key for the number of Post-LN blocks.</summary>
    public const string PostBlocksKey = "post_norm_blocks";

    /// <summary>Share of the blocks that are Post-LN, unless another is asked for.</summary>
    public const double DefaultRatio = 0.25;

    internal MixNorm() { }

    public override string Name => "mix";

    public override string Title => "Mix-LN";

    public override string Equation => "the first blocks as post, the others as pre";

    public override string Constants => "a quarter of the blocks is Post-LN: 3 of 12, 6 of 24, else the nearest whole number, at least 1";

    public override string Source => "Li et al. 2024, arXiv 2412.13795";

    public override IReadOnlyList<string> Settings => [PostBlocksKey];

    /// <summary>Post-LN blocks for a ratio: the nearest whole number, halves up, at least one and at most all.</summary>
    public static int PostBlocks(double ratio, int blocks) => Math.Clamp((int)Math.Round(ratio * blocks, MidpointRounding.AwayFromZero), 1, blocks);

    public override string Describe(LlamaArchitecture model) => $"{Name} (Post-LN in the first {PostBlocks(model)} of {model.BlockCount} blocks)";

    public override ResidualBranch Branch(BranchSite site) =>
        site.Index < PostBlocks(site.Model) ? new() { AfterAdd = site.Norm } : new() { Input = site.Norm };

    public override (string Key, string Expected, object Found)? Conflict(LlamaArchitecture model) =>
        model.PostNormBlocks is int blocks && (blocks < 1 || blocks > model.BlockCount) ? (PostBlocksKey, $"from 1 to num_hidden_layers ({model.BlockCount})", blocks) : null;

    private static int PostBlocks(LlamaArchitecture model) => model.PostNormBlocks ?? PostBlocks(DefaultRatio, model.BlockCount);
}
