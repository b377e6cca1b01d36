namespace Factory.Core.Architecture.Methods;

/// <summary>The norm after each sum, as in the first Transformer. The model keeps its final norm, as the paper's code does.</summary>
internal sealed class PostNorm : NormScheme
{
    public override string Name => "post";

    public override string Title => "Post-LN";

    public override string Equation => "x' = N(x + A(x)); y = N(x' + F(x'))";

    public override string Source => "Vaswani et al. 2017, arXiv 1706.03762";

    public override ResidualBranch Branch(BranchSite site) => new() { AfterAdd = site.Norm };
}
