namespace Factory.Core.Architecture.Methods;

/// <summary>A trained number on each branch (arXiv 2002.10444), starting where the paper's comparison has it.</summary>
internal sealed class SkipInit : NormScheme
{
    public override string Name => "skipinit";

    public override string Title => "SkipInit";

    public override string Equation => "x' = x + s₁ A(N(x)); y = x' + s₂ F(N(x'))";

    public override string Constants => "s starts at 1/√L";

    public override string Source => "De and Smith 2020, arXiv 2002.10444";

    public override ResidualBranch Branch(BranchSite site) =>
        new() { Input = site.Norm, Branch = site.Own("branch_scale", 1, 1 / Math.Sqrt(site.Model.BlockCount)) };
}
