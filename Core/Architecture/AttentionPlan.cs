namespace Factory.Core.Architecture;

/// <summary>
/// Self-attention of one block. Parameters: q_proj, k_proj, v_proj and o_proj below <see cref="Name"/>, (outputs, inputs), and their biases.
/// </summary>
/// <param name="Name">State-dict name, such as "model.layers.0.self_attn".</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; each serves Heads / KeyValueHeads query heads.</param>
/// <param name="HeadSize">Channels per head.</param>
public sealed record AttentionPlan(string Name, int Heads, int KeyValueHeads, int HeadSize)
{
    /// <summary>Whether q_proj, k_proj and v_proj have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether o_proj has a bias.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Norm of each query head's channels before the rotation, or null; its gain is shared by the heads.</summary>
    public NormPlan? QueryNorm { get; init; }

    /// <summary>Norm of each key head's channels before the rotation, or null.</summary>
    public NormPlan? KeyNorm { get; init; }

    /// <summary>Tokens a query sees, itself included; null: all before it.</summary>
    public int? Window { get; init; }

    /// <summary>Whether a token sees only itself and what stands before it.</summary>
    public bool Causal { get; init; } = true;

    /// <summary>Whether queries and keys are rotated by their positions; false where positions are learnt embeddings.</summary>
    public bool Rotary { get; init; } = true;

    /// <summary>Channels of all query heads.</summary>
    public int QueryWidth => Heads * HeadSize;

    /// <summary>Channels of all key heads, and of all value heads.</summary>
    public int KeyWidth => KeyValueHeads * HeadSize;
}
