namespace Factory.Core.Bundles;

/// <summary>
/// Inputs and outputs of <see cref="BundleFolder.AnalysisFile"/>: the model without a cache, over the bundle's own weights. B sequences of S tokens
/// each, L blocks; x_l is the input of block l, x_L the last block's output. Statistics are population moments in float32.
/// </summary>
public static class AnalysisNames
{
    /// <summary>int64 (B, S).</summary>
    public const string InputIds = GraphNames.InputIds;

    /// <summary>int64 (n): which of the B * S tokens, counted row by row, get logits.</summary>
    public const string LogitIndices = GraphNames.LogitIndices;

    /// <summary>float32 (L): 0 removes a block (its output is its input), anything else leaves it.</summary>
    public const string BlockGate = "block_gate";

    /// <summary>float32 (n, vocabulary).</summary>
    public const string Logits = GraphNames.Logits;

    /// <summary>float32 (L): mean over tokens and channels of the residual stream after each block.</summary>
    public const string Mean = "block_output_mean";

    /// <summary>float32 (L): mean of its squares.</summary>
    public const string MeanSquare = "block_output_mean_square";

    /// <summary>float32 (L): its variance, mean square - mean².</summary>
    public const string Variance = "block_output_variance";

    /// <summary>float32 (L): cosine between a block's input and output, mean over tokens.</summary>
    public const string Cosine = "cosine_input_output_mean";

    /// <summary>float32 (L + 1, L + 1): angle between x_i and x_j over pi, mean over tokens; 0 on the diagonal and below it.</summary>
    public const string AngularDistance = "angular_distance_mean";

    /// <summary>float32 (L + 1, L + 1): the same over each sequence's last token only.</summary>
    public const string AngularDistanceLastToken = "angular_distance_last_token";
}
