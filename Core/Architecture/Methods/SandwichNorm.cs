namespace Factory.Core.Architecture.Methods;

/// <summary>
/// A norm before and after each branch (arXiv 2105.13290), under Gemma 2's names. Peri-LN (arXiv 2502.02732) is the same with one more norm, of
/// the token embeddings.
/// </summary>
internal sealed class SandwichNorm(bool peri) : NormScheme
{
    public override string Name => peri ? "peri" : "sandwich";

    public override string Title => peri ? "Peri-LN" : "Sandwich-LN";

    public override string Equation => (peri ? "x₀ = N(embedding); " : "") + "x' = x + N₂(A(N₁(x))); y = x' + N₄(F(N₃(x')))";

    public override string Source => peri ? "Kim et al. 2025, arXiv 2502.02732" : "Ding et al. 2021, arXiv 2105.13290";

    public override bool IsInPaper => !peri;

    public override ResidualBranch Branch(BranchSite site) => site.Kind switch
    {
        BranchKind.Attention => new() { Input = site.RMSNorm("input_layernorm"), Output = site.RMSNorm("post_attention_layernorm") },
        BranchKind.FeedForward => new() { Input = site.RMSNorm("pre_feedforward_layernorm"), Output = site.RMSNorm("post_feedforward_layernorm") },
    };

    public override NormPlan? EmbeddingNorm(LlamaArchitecture model) =>
        peri ? new NormPlan(NormKind.RMSNorm, "model.embed_norm", model.HiddenSize, model.RmsNormEpsilon) : null;
}
