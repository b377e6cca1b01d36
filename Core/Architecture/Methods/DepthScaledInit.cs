namespace Factory.Core.Architecture.Methods;

/// <summary>
/// Pre-LN whose o_proj and down_proj start smaller by the root of twice their block's depth. The paper gives the factor and no code; that it falls
/// on the maps that end a branch is read from its comparison with scaled initialization and from OLMo's code.
/// </summary>
internal sealed class DepthScaledInit : NormScheme
{
    public override string Name => "depth-scaled-init";

    public override string Title => "Depth-scaled initialization";

    public override string Equation => "as pre";

    public override string Constants => "o_proj and down_proj start with deviation 0.02/√(2l)";

    public override string Source => "Zhang et al. 2019, arXiv 1908.11365";

    public override ResidualBranch Branch(BranchSite site) => new() { Input = site.Norm };

    public override Initialization LinearInitialization(LlamaArchitecture model, ParameterRole role, int? block, long outputs, long inputs) =>
        block is int index ? BranchEndsScaledBy(1 / Math.Sqrt(2 * (index + 1)), model, role) : base.LinearInitialization(model, role, block, outputs, inputs);
}
