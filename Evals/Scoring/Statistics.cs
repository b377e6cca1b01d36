namespace Factory.Evals.Scoring;

/// <summary>Means and their standard errors, summed in the order given as the harness does.</summary>
public static class Statistics
{
    public static double Mean(IReadOnlyList<double> values) => values.Sum() / values.Count;

    /// <summary>Standard deviation of a sample: the divisor is n - 1.</summary>
    public static double SampleDeviation(IReadOnlyList<double> values)
    {
        double mean = Mean(values);
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }

    /// <summary>Standard error of the mean; null for fewer than two values, which say nothing about spread.</summary>
    public static double? ErrorOfMean(IReadOnlyList<double> values) =>
        values.Count < 2 ? null : SampleDeviation(values) / Math.Sqrt(values.Count);

    /// <summary>Mean over groups, each weighted by its size.</summary>
    public static double WeightedMean(IReadOnlyList<(double Mean, int Size)> groups) =>
        groups.Sum(group => group.Mean * group.Size) / groups.Sum(group => group.Size);

    /// <summary>
    /// Standard error of the mean over groups k of n_k values with standard errors e_k, from the pooled variance:
    /// sqrt(Σ (n_k − 1) n_k e_k² / (Σ n_k − K) / Σ n_k).
    /// </summary>
    public static double? PooledError(IReadOnlyList<(double? Error, int Size)> groups)
    {
        double total = groups.Sum(group => group.Size);
        if (groups.Any(group => group.Error is null))
        {
            return null;
        }
        double variance = groups.Sum(group => (group.Size - 1) * group.Error!.Value * group.Error.Value * group.Size) / (total - groups.Count);
        return Math.Sqrt(variance / total);
    }

    /// <summary>Standard error of the plain mean of k independent scores with standard errors e_k: sqrt(Σ e_k²) / K.</summary>
    public static double? ErrorOfPlainMean(IReadOnlyList<double?> errors) =>
        errors.Any(error => error is null) ? null : Math.Sqrt(errors.Sum(error => error!.Value * error.Value)) / errors.Count;
}
