namespace Factory.Core.Bundles;

/// <summary>
/// Inputs that graphs for other software have beside those of <see cref="GraphNames"/>, as Hugging Face's exports name them. B sequences of S new
/// tokens each, T tokens with those in the cache; logits are (B, S, vocabulary) there, and present keys and values grow.
/// </summary>
public static class PortableNames
{
    /// <summary>int64 (B, T): 1 for tokens that count.</summary>
    public const string AttentionMask = "attention_mask";

    /// <summary>int64 (B, S): position of each new token; only graphs of standard operators have it.</summary>
    public const string PositionIds = "position_ids";
}
