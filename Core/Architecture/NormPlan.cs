namespace Factory.Core.Architecture;

/// <summary>One norm: <c>Scale * (gain * normalize(InputScale * x) + bias)</c>.</summary>
/// <param name="Name">State-dict name without ".weight" and ".bias", such as "model.layers.0.input_layernorm".</param>
/// <param name="Channels">Length of the gain.</param>
/// <param name="Epsilon">Added to the mean square or the variance.</param>
public sealed record NormPlan(NormKind Kind, string Name, int Channels, double Epsilon)
{
    /// <summary>Groups of channels that have statistics of their own; 1 but for the GroupNorms.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Constant factor on the norm's output, after the gain. Never trained, never stored; folds into gain and bias on export.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Constant factor on the norm's input. For an RMSNorm it changes nothing but the weight of epsilon.</summary>
    public double InputScale { get; init; } = 1;

    /// <summary>What every channel of the gain starts at.</summary>
    public double InitialGain { get; init; } = 1;

    /// <summary>Name of the gain, shape (channels).</summary>
    public string Gain => $"{Name}.weight";

    /// <summary>Name of the bias, shape (channels), or null for the kind that has none.</summary>
    public string? Bias => Kind switch
    {
        NormKind.RMSNorm => null,
        NormKind.LayerNorm or NormKind.GroupNorm or NormKind.GroupNormOverTime => $"{Name}.bias",
    };
}
