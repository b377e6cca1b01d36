namespace Factory.Core.Architecture;

/// <summary>
/// A normalization method: where a block's norms sit, how branch and residual are scaled, and how weights start. One file a method stands in
/// <c>Methods/</c>; nothing outside knows a method's name. The methods and their comparison: "The Curse of Depth in Large Language Models",
/// arXiv 2502.05795.
/// </summary>
public abstract class NormScheme
{
    /// <summary>Spelling in config.json (<c>norm_scheme</c>) and as an option.</summary>
    public abstract string Name { get; }

    /// <summary>What people call it, such as "Pre-LN".</summary>
    public abstract string Title { get; }

    /// <summary>A block's equations; A is attention, F the feed-forward network, N an RMSNorm, l the block's depth from one, L the number of blocks.</summary>
    public abstract string Equation { get; }

    /// <summary>Constants and initialisation, where they differ from Pre-LN's; empty where they do not.</summary>
    public virtual string Constants => "";

    /// <summary>Who describes it.</summary>
    public abstract string Source { get; }

    /// <summary>Whether the paper's tables have it.</summary>
    public virtual bool IsInPaper => true;

    /// <summary>Keys of config.json that only this method takes, such as "norm_groups".</summary>
    public virtual IReadOnlyList<string> Settings => [];

    /// <summary>Whether trained residual factors start at the running deviation of the stream, which a pass over data has to measure.</summary>
    public virtual bool ProfilesResiduals => false;

    /// <summary>The plan of one branch of one block.</summary>
    public abstract ResidualBranch Branch(BranchSite site);

    /// <summary>Norm of the token embeddings, or null.</summary>
    public virtual NormPlan? EmbeddingNorm(LlamaArchitecture model) => null;

    /// <summary>How a matrix of shape (outputs, inputs) starts; normal with the model's initializer range unless the method says otherwise.</summary>
    /// <param name="block">Block index from zero, or null for embedding and head.</param>
    public virtual Initialization LinearInitialization(LlamaArchitecture model, ParameterRole role, int? block, long outputs, long inputs) =>
        Initialization.Normal(model.InitializerRange);

    /// <summary>The first reason why this method cannot have that shape: key, what was expected, what was found; null where it can.</summary>
    public virtual (string Key, string Expected, object Found)? Conflict(LlamaArchitecture model) => null;

    /// <summary>The name, with what the method derived from the model's shape.</summary>
    public virtual string Describe(LlamaArchitecture model) => Name;

    public override string ToString() => Name;

    /// <summary>The model's initializer range, times <paramref name="factor"/> for the maps that end a branch, o_proj and down_proj.</summary>
    protected static Initialization BranchEndsScaledBy(double factor, LlamaArchitecture model, ParameterRole role) =>
        Initialization.Normal(model.InitializerRange * (role is ParameterRole.AttentionOutput or ParameterRole.Down ? factor : 1));
}
