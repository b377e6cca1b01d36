namespace Factory.Core.Architecture;

/// <summary>
/// How a branch F, attention or feed-forward, hangs on the residual stream. One equation for every method:
/// <code>
/// y = AfterAdd( Residual · x + Branch · Output( F( Input(x) ) ) )
///
/// x ─┬─ Input ─ F ─ Output ─ · Branch ─┬─ + ─ AfterAdd ─► y
///    └─────────── · Residual ──────────┘
/// </code>
/// The TorchSharp branch and the ONNX emitter both interpret this record; neither knows a method's name.
/// </summary>
public sealed record ResidualBranch
{
    /// <summary>Norm in front of the function, or null.</summary>
    public NormPlan? Input { get; init; }

    /// <summary>Norm of the function's output, or null.</summary>
    public NormPlan? Output { get; init; }

    /// <summary>Norm of the sum, or null.</summary>
    public NormPlan? AfterAdd { get; init; }

    /// <summary>Factor on the branch, after <see cref="Output"/>.</summary>
    public ScalePlan Branch { get; init; } = ScalePlan.One;

    /// <summary>Factor on the stream that goes around the function.</summary>
    public ScalePlan Residual { get; init; } = ScalePlan.One;

    /// <summary>Whether a norm takes its statistics over later tokens too.</summary>
    public bool LooksAhead => new[] { Input, Output, AfterAdd }.Any(norm => norm?.Kind == NormKind.GroupNormOverTime);

    /// <summary>Whether constant and trained factors fold into the weights of a plain Pre-LN block: RMSNorm, function, sum.</summary>
    public bool FoldsToPreNorm => Input is { Kind: NormKind.RMSNorm, InputScale: 1 } && Output is null && AfterAdd is null && Residual.IsOne;
}
