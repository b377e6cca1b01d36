namespace Factory.Core.Architecture.Methods;

/// <summary>
/// Post-LN with the residual enlarged by alpha and smaller initial weights by beta (arXiv 2203.00555, decoder-only). As run: the paper's code has
/// the reciprocal gain, (8L)^(1/4), and the alpha of 32 blocks at every depth.
/// </summary>
internal sealed class DeepNorm(bool asRun) : NormScheme
{
    /// <summary>alpha for 32 blocks, (2 * 32)^(1/4), as the paper's code has it for any number of blocks.</summary>
    private const double AlphaAsRun = 2.8284;

    public override string Name => asRun ? "deepnorm-as-run" : "deepnorm";

    public override string Title => asRun ? "DeepNorm, as the paper's authors ran it" : "DeepNorm";

    public override string Equation => "x' = N(α x + A(x)); y = N(α x' + F(x'))";

    public override string Constants => asRun
        ? "α = 2.8284 at every depth; v, o, gate, up, down: Xavier normal with gain (8L)^(1/4); q, k: gain 1"
        : "α = (2L)^(1/4); v, o, gate, up, down: Xavier normal with gain (8L)^(-1/4); q, k: gain 1";

    public override string Source => "Wang et al. 2022, arXiv 2203.00555";

    public override ResidualBranch Branch(BranchSite site) => new()
    {
        Residual = ScalePlan.Fixed(asRun ? AlphaAsRun : Math.Pow(2 * site.Model.BlockCount, 0.25)),
        AfterAdd = site.Norm,
    };

    public override Initialization LinearInitialization(LlamaArchitecture model, ParameterRole role, int? block, long outputs, long inputs)
    {
        if (block is null)
        {
            return base.LinearInitialization(model, role, block, outputs, inputs);
        }
        double beta = role is ParameterRole.Query or ParameterRole.Key ? 1 : Math.Pow(8 * model.BlockCount, asRun ? 0.25 : -0.25);
        return Initialization.Normal(beta * Math.Sqrt(2.0 / (inputs + outputs)));
    }
}
