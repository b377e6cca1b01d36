namespace Factory.Core.Architecture;

/// <summary>What a norm takes its statistics over.</summary>
public enum NormKind
{
    /// <summary>gain * x / sqrt(mean(x²) + epsilon) over a token's channels (arXiv 1910.07467).</summary>
    RMSNorm,

    /// <summary>gain * (x - mean) / sqrt(variance + epsilon) + bias over a token's channels (arXiv 1607.06450).</summary>
    LayerNorm,

    /// <summary>LayerNorm over each group of a token's channels by itself (arXiv 1803.08494, applied token by token).</summary>
    GroupNorm,

    /// <summary>GroupNorm whose statistics are taken over the group's channels and the whole sequence, later tokens included.</summary>
    GroupNormOverTime,
}
