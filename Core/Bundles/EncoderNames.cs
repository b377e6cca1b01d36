namespace Factory.Core.Bundles;

/// <summary>
/// Inputs and outputs of an encoder bundle's graphs, as Hugging Face's exports name them. B rows of S tokens each, padding included; L blocks, V vocabulary.
/// <see cref="BundleFolder.AnalysisFile"/> has the outputs of <see cref="AnalysisNames"/> beside them, over all tokens: its rows are not padded.
/// </summary>
public static class EncoderNames
{
    /// <summary>int64 (B, S).</summary>
    public const string InputIds = GraphNames.InputIds;

    /// <summary>int64 (B, S): 0 for a question, 1 for its passage.</summary>
    public const string TokenTypes = "token_type_ids";

    /// <summary>int64 (B, S): 1 for tokens that count, 0 for padding.</summary>
    public const string AttentionMask = PortableNames.AttentionMask;

    /// <summary>float32 (L): 0 removes a block (its output is its input), anything else leaves it.</summary>
    public const string BlockGate = AnalysisNames.BlockGate;

    /// <summary>int64 (n): which of the B * S tokens, counted row by row, get logits. Masked language models have it.</summary>
    public const string LogitIndices = GraphNames.LogitIndices;

    /// <summary>float32 (B, S): how likely an answer starts there.</summary>
    public const string StartLogits = "start_logits";

    /// <summary>float32 (B, S): how likely an answer ends there, its last token included.</summary>
    public const string EndLogits = "end_logits";

    /// <summary>float32 (n, V).</summary>
    public const string Logits = GraphNames.Logits;
}
