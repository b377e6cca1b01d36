namespace Factory.Core.Architecture.Methods;

/// <summary>The norm in front of each branch (arXiv 2002.04745; LLaMA, arXiv 2302.13971).</summary>
internal sealed class PreNorm : NormScheme
{
    public override string Name => "pre";

    public override string Title => "Pre-LN";

    public override string Equation => "x' = x + A(N(x)); y = x' + F(N(x'))";

    public override string Source => "Xiong et al. 2020, arXiv 2002.04745";

    public override ResidualBranch Branch(BranchSite site) => new() { Input = site.Norm };
}
