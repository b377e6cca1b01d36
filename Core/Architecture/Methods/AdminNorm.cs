namespace Factory.Core.Architecture.Methods;

/// <summary>
/// Admin: Post-LN with a trained vector on the residual of each branch (arXiv 2004.08249). It starts at the running deviation of the stream,
/// which a profiling pass measures. As run: one trained number a block, shared by its branches.
/// </summary>
internal sealed class AdminNorm(bool asRun) : NormScheme
{
    private const double InitialAsRun = 0.015;

    public override string Name => asRun ? "admin-as-run" : "admin";

    public override string Title => asRun ? "Admin, as the paper's authors ran it" : "Admin";

    public override string Equation => asRun ? "x' = N(w x + A(x)); y = N(w x' + F(x'))" : "x' = N(w₁ · x + A(x)); y = N(w₂ · x' + F(x'))";

    public override string Constants => asRun ? "w starts at 0.015" : "w starts at the root of the summed variances of the branches before it, measured on the first batch";

    public override string Source => "Liu et al. 2020, arXiv 2004.08249";

    public override bool ProfilesResiduals => !asRun;

    public override ResidualBranch Branch(BranchSite site) => new()
    {
        Residual = asRun ? site.Shared("residual_scale", 1, InitialAsRun) : site.Own("residual_scale", site.Model.HiddenSize, 1),
        AfterAdd = site.Norm,
    };
}
