namespace Factory.Core.Bundles;

/// <summary>
/// Inputs and outputs of <see cref="BundleFolder.ScoringFile"/>: the model without a cache over rows that may share their beginnings. T different tokens go
/// through the products once each; attention sees B rows of S places, put together from them.
/// </summary>
public static class ScoringNames
{
    /// <summary>int64 (1, T).</summary>
    public const string InputIds = GraphNames.InputIds;

    /// <summary>int64 (B, S): which of the T tokens stands at each place; any behind a row's end.</summary>
    public const string RowTokens = "row_tokens";

    /// <summary>int64 (1, T): a place of each token, counted row by row.</summary>
    public const string TokenPlaces = "token_places";

    /// <summary>int32 (B): tokens of a row, minus one.</summary>
    public const string LastPositions = GraphNames.LastPositions;

    /// <summary>int32, a scalar: S.</summary>
    public const string TotalLength = GraphNames.TotalLength;

    /// <summary>int64 (n): which of the T tokens get logits.</summary>
    public const string LogitIndices = GraphNames.LogitIndices;

    /// <summary>float32 (n, vocabulary).</summary>
    public const string Logits = GraphNames.Logits;
}
