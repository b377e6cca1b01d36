namespace Factory.Core.Architecture.Methods;

/// <summary>Pre-LN whose o_proj and down_proj start smaller by the root of twice the number of blocks (GPT-2; Megatron-LM, arXiv 1909.08053).</summary>
internal sealed class ScaledInit : NormScheme
{
    public override string Name => "scaled-init";

    public override string Title => "Scaled initialization";

    public override string Equation => "as pre";

    public override string Constants => "o_proj and down_proj start with deviation 0.02/√(2L)";

    public override string Source => "Shoeybi et al. 2019, arXiv 1909.08053";

    public override ResidualBranch Branch(BranchSite site) => new() { Input = site.Norm };

    public override Initialization LinearInitialization(LlamaArchitecture model, ParameterRole role, int? block, long outputs, long inputs) =>
        BranchEndsScaledBy(1 / Math.Sqrt(2 * model.BlockCount), model, role);
}
