namespace Factory.Core.Architecture;

/// <summary>The function between a block's linear maps.</summary>
public enum FeedForwardKind
{
    /// <summary>down_proj(silu(gate_proj(x)) * up_proj(x)) (arXiv 2002.05202).</summary>
    SwiGLU,

    /// <summary>down_proj(gelu(up_proj(x))), the exact GELU with the error function (arXiv 1606.08415).</summary>
    Gelu,
}
