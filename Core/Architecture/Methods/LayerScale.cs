namespace Factory.Core.Architecture.Methods;

/// <summary>A trained vector on each branch that starts near zero (arXiv 2103.17239). As run: one vector a block, shared by its branches.</summary>
internal sealed class LayerScale(bool asRun) : NormScheme
{
    public override string Name => asRun ? "layerscale-as-run" : "layerscale";

    public override string Title => asRun ? "LayerScale, as the paper's authors ran it" : "LayerScale";

    public override string Equation => asRun ? "x' = x + v · A(N(x)); y = x' + v · F(N(x'))" : "x' = x + v₁ · A(N(x)); y = x' + v₂ · F(N(x'))";

    public override string Constants => "v starts at 0.1 up to 18 blocks, 1e-5 up to 24, 1e-6 beyond";

    public override string Source => "Touvron et al. 2021 (CaiT), arXiv 2103.17239";

    public override ResidualBranch Branch(BranchSite site)
    {
        double initial = site.Model.BlockCount switch { <= 18 => 0.1, <= 24 => 1e-5, _ => 1e-6 };
        int channels = site.Model.HiddenSize;
        return new() { Input = site.Norm, Branch = asRun ? site.Shared("branch_scale", channels, initial) : site.Own("branch_scale", channels, initial) };
    }
}
