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

    public override string Constants => asRun ? "w starts at 0.015" : "the first w starts at 1, each other at the root of the summed variances of the embeddings and of the branches before it, measured on the first batch; with embeddings of deviation 0.02 that is a few hundredths and the input is lost over depth: give `embedding_std` 0.632";

    public override string Source => "Liu et al. 2020, arXiv 2004.08249";

    public override bool ProfilesResiduals => !asRun;

    public override ResidualBranch Branch(BranchSite site) => new()
    {
        Residual = asRun ? site.Shared("residual_scale", 1, InitialAsRun) : site.Own("residual_scale", site.Model.HiddenSize, 1),
        AfterAdd = site.Norm,
    };
}
