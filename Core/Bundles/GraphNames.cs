namespace Factory.Core.Bundles;

/// <summary>
/// Inputs and outputs of a bundle's graph. B sequences of S new tokens each; the buffers of past and present are the same memory, with room
/// for Smax tokens.
/// </summary>
public static class GraphNames
{
    /// <summary>int64 (B, S).</summary>
    public const string InputIds = "input_ids";

    /// <summary>int32 (B): tokens of a row including the new ones, minus one.</summary>
    public const string LastPositions = "seqlens_k";

    /// <summary>int32, a scalar: the longest row's tokens including the new ones.</summary>
    public const string TotalLength = "total_sequence_length";

    /// <summary>int64 (n): which of the B * S new tokens, counted row by row, get logits.</summary>
    public const string LogitIndices = "logit_indices";

    /// <summary>float32 (n, vocabulary).</summary>
    public const string Logits = "logits";

    /// <summary>(B, keyValueHeads, Smax, headSize), input.</summary>
    public static string PastKey(int block) => $"past_key_values.{block}.key";

    /// <inheritdoc cref="PastKey"/>
    public static string PastValue(int block) => $"past_key_values.{block}.value";

    /// <summary>(B, keyValueHeads, Smax, headSize), output.</summary>
    public static string PresentKey(int block) => $"present.{block}.key";

    /// <inheritdoc cref="PresentKey"/>
    public static string PresentValue(int block) => $"present.{block}.value";
}
