using Factory.Core.Bundles;

namespace Factory.Runtime.Analysis;

/// <summary>
/// The residual stream of one run, measured between the blocks; x_l is the input of block l, x_L the last block's output. Weighted means over runs
/// (by tokens; by sequences for last tokens) give those of all of them together; variances follow from the other two moments.
/// </summary>
/// <param name="Tokens">Tokens of the run.</param>
/// <param name="Sequences">Sequences of the run.</param>
/// <param name="Mean">(L): mean of each block's output over tokens and channels.</param>
/// <param name="MeanSquare">(L): mean of its squares.</param>
/// <param name="Variance">(L): its population variance.</param>
/// <param name="Cosine">(L): cosine between a block's input and output, mean over tokens.</param>
/// <param name="AngularDistance">[l][n - 1]: angle between x_l and x_(l+n) over pi, mean over tokens.</param>
/// <param name="AngularDistanceLastToken">The same over each sequence's last token.</param>
public sealed record BlockStatistics(
    int Tokens, int Sequences, float[] Mean, float[] MeanSquare, float[] Variance, float[] Cosine, float[][] AngularDistance, float[][] AngularDistanceLastToken)
{
    /// <summary>The graph's outputs that it is made of, in this order.</summary>
    internal static IReadOnlyList<string> Outputs { get; } =
    [
        AnalysisNames.Mean, AnalysisNames.MeanSquare, AnalysisNames.Variance, AnalysisNames.Cosine, AnalysisNames.AngularDistance, AnalysisNames.AngularDistanceLastToken,
    ];

    /// <param name="found">Values of <see cref="Outputs"/>.</param>
    internal static BlockStatistics From(int tokens, int sequences, float[][] found) =>
        new(tokens, sequences, found[0], found[1], found[2], found[3], Triangle(found[4], found[0].Length), Triangle(found[5], found[0].Length));

    /// <summary>The part above the diagonal of an (L + 1, L + 1) table.</summary>
    private static float[][] Triangle(float[] table, int blocks)
    {
        int width = blocks + 1;
        return [.. Enumerable.Range(0, blocks).Select(row => table[((row * width) + row + 1)..((row + 1) * width)])];
    }
}
