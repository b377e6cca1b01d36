namespace Factory.Trainer.Comparison;

/// <summary>A mean over seeds.</summary>
/// <param name="Deviation">Standard deviation (over n - 1); null of one value.</param>
public sealed record SampleMean(double Mean, double? Deviation)
{
    /// <summary>Of the values that there are; null where there is none.</summary>
    public static SampleMean? Of(IEnumerable<double?> values)
    {
        double[] finite = [.. values.OfType<double>()];
        if (finite.Length == 0)
        {
            return null;
        }
        double mean = finite.Average();
        return new SampleMean(mean, finite.Length > 1 ? Math.Sqrt(finite.Sum(value => (value - mean) * (value - mean)) / (finite.Length - 1)) : null);
    }
}
