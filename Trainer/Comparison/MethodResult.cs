namespace Factory.Trainer.Comparison;

/// <summary>A method over its seeds.</summary>
/// <param name="Perplexity">Mean of the runs' perplexities that are finite; null where none is.</param>
/// <param name="Spread">Their standard deviation (over n - 1); null for one run.</param>
/// <param name="Diverged">Runs that diverged.</param>
/// <param name="BlockOutputVariance">Mean over the runs, first block first.</param>
public sealed record MethodResult(
    string Method, int Runs, double? Perplexity, double? Spread, int Diverged, IReadOnlyList<double>? BlockOutputVariance, double TokensPerSecond)
{
    public static MethodResult From(string method, IReadOnlyList<ArmResult> arms)
    {
        SampleMean? perplexity = SampleMean.Of(arms.Select(arm => arm.Perplexity));
        IReadOnlyList<double>[] variances = [.. arms.Where(arm => arm.BlockOutputVariance is not null).Select(arm => arm.BlockOutputVariance!)];
        return new MethodResult(
            method, arms.Count, perplexity?.Mean, perplexity?.Deviation, arms.Count(arm => arm.Diverged),
            variances.Length > 0 ? [.. variances[0].Select((_, block) => variances.Average(variance => variance[block]))] : null,
            Math.Round(arms.Average(arm => arm.TokensPerSecond)));
    }
}
