namespace Factory.Core.Architecture.Methods;

/// <summary>
/// LayerNorm Scaling (arXiv 2502.05795, equation 12): each norm's output, after its gain, times 1/sqrt(depth); constant, never trained, never
/// stored. The authors advise against scaled initialization beside it, which is why that pair is an arm of its own.
/// </summary>
public sealed class LayerNormScaling : NormScheme
{
    /// <summary>config.json's key for the exponent of the depth.</summary>
    public const string ExponentKey = "lns_exponent";

    /// <summary>The exponent, unless another is asked for: 1/sqrt(depth).</summary>
    public const double DefaultExponent = 0.5;

    private readonly bool _scaledInit;

    internal LayerNormScaling(bool scaledInit) => _scaledInit = scaledInit;

    public override string Name => _scaledInit ? "lns-scaled-init" : "lns";

    public override string Title => _scaledInit ? "LayerNorm Scaling and scaled initialization" : "LayerNorm Scaling";

    public override string Equation => "x' = x + A(N(x)/√l); y = x' + F(N(x')/√l)";

    public override string Constants => _scaledInit ? "o_proj and down_proj start with deviation 0.02/√(2L)" : "";

    public override string Source => "Sun et al. 2025, arXiv 2502.05795";

    public override IReadOnlyList<string> Settings => [ExponentKey];

    public override ResidualBranch Branch(BranchSite site) => new() { Input = site.Norm with { Scale = site.DepthScale } };

    public override Initialization LinearInitialization(LlamaArchitecture model, ParameterRole role, int? block, long outputs, long inputs) =>
        _scaledInit ? BranchEndsScaledBy(1 / Math.Sqrt(2 * model.BlockCount), model, role) : base.LinearInitialization(model, role, block, outputs, inputs);
}
