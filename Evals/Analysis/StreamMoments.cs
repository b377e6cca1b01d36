using Factory.Runtime.Analysis;

namespace Factory.Evals.Analysis;

/// <summary>The residual stream over many sequences, summed up run by run: means weighted by tokens, those of last tokens by sequences.</summary>
internal sealed class StreamMoments
{
    /// <summary>Tokens of one run at most: what bounds its memory.</summary>
    private const int MostTokens = 2048;

    private readonly double[] _mean;
    private readonly double[] _square;
    private readonly double[] _cosine;
    private readonly double[][] _angle;
    private readonly double[][] _lastAngle;
    private int _tokens;
    private int _sequences;

    private StreamMoments(int blocks)
    {
        (_mean, _square, _cosine) = (new double[blocks], new double[blocks], new double[blocks]);
        _angle = [.. Enumerable.Range(0, blocks).Select(block => new double[blocks - block])];
        _lastAngle = [.. Enumerable.Range(0, blocks).Select(block => new double[blocks - block])];
    }

    public double[] Mean => Divided(_mean, _tokens);

    public double[] MeanSquare => Divided(_square, _tokens);

    public double[] Variance => [.. Mean.Zip(MeanSquare, (mean, square) => square - (mean * mean))];

    public double[] Cosine => Divided(_cosine, _tokens);

    public double[][] AngularDistance => [.. _angle.Select(row => Divided(row, _tokens))];

    public double[][] AngularDistanceLastToken => [.. _lastAngle.Select(row => Divided(row, _sequences))];

    /// <summary>Runs <paramref name="rows"/>, those of one length together.</summary>
    /// <param name="progress">Gets how many rows are done.</param>
    /// <param name="measure">Runs rows of one length.</param>
    public static StreamMoments Measure(
        int blocks, Func<IReadOnlyList<int[]>, BlockStatistics> measure, IReadOnlyList<int[]> rows, Action<int> progress, CancellationToken cancellationToken)
    {
        var moments = new StreamMoments(blocks);
        foreach (IGrouping<int, int[]> equal in rows.GroupBy(row => row.Length))
        {
            foreach (int[][] batch in equal.Chunk(Math.Max(1, MostTokens / equal.Key)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                moments.Add(measure(batch));
                progress(moments._sequences);
            }
        }
        return moments;
    }

    private void Add(BlockStatistics found)
    {
        Sum(_mean, found.Mean, found.Tokens);
        Sum(_square, found.MeanSquare, found.Tokens);
        Sum(_cosine, found.Cosine, found.Tokens);
        for (int block = 0; block < _angle.Length; block++)
        {
            Sum(_angle[block], found.AngularDistance[block], found.Tokens);
            Sum(_lastAngle[block], found.AngularDistanceLastToken[block], found.Sequences);
        }
        _tokens += found.Tokens;
        _sequences += found.Sequences;
    }

    private static void Sum(double[] sums, float[] values, int weight)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += (double)values[i] * weight;
        }
    }

    private static double[] Divided(double[] sums, int count) => [.. sums.Select(sum => sum / count)];
}
