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
    int Tokens, int Sequences, float[] Mean, float[] MeanSquare, float[] Variance, float[] Cosine, float[][] AngularDistance, float[][] AngularDistanceLastToken);
