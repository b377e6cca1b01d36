namespace Factory.Evals.Analysis;

/// <summary>The curse of depth in several models: all analyses, and a reading of each family (a method's models over several seeds).</summary>
public sealed record CurseReport(IReadOnlyList<ModelAnalysis> Models, IReadOnlyList<CurseReading> Readings);

/// <summary>What the numbers of a family say. Spreads are sample deviations over its models; null for a single one.</summary>
/// <param name="VarianceGrowth">Variance of the last block's output over that of the first.</param>
/// <param name="LaterHalfAngle">Mean angular distance between a block's input and output, over the later half of the blocks.</param>
/// <param name="IdleBlocks">Blocks whose removal changes the loss by less than <paramref name="IdleBound"/> nats a token, from one.</param>
public sealed record CurseReading(
    string Family, string NormScheme, int Models, int Blocks,
    double VarianceGrowth, double? VarianceGrowthSpread,
    double LaterHalfAngle, double? LaterHalfAngleSpread,
    double MeanLossIncrease, double? MeanLossIncreaseSpread,
    IReadOnlyList<int> IdleBlocks, double IdleBound)
{
    /// <summary>A hundredth of a nat: about one per cent of perplexity.</summary>
    private const double Idle = 0.01;

    internal static IReadOnlyList<CurseReading> Read(IReadOnlyList<ModelAnalysis> models) =>
        [.. models.GroupBy(model => (Family: AnalysisFigures.Family(model.Name), model.NormScheme, model.Blocks)).Select(group => Read(group.Key.Family, [.. group]))];

    /// <summary>The reading in words.</summary>
    internal IEnumerable<string> Sentences()
    {
        yield return FormattableString.Invariant(
            $"{Family} ({NormScheme}, {Blocks} blocks, {Models} model{(Models == 1 ? "" : "s")}): the output variance grows {VarianceGrowth:G3}-fold from the first block to the last{Spread(VarianceGrowthSpread, "G2")}.");
        yield return FormattableString.Invariant(
            $"A block of the later half turns its input by {LaterHalfAngle:0.000} of π on average{Spread(LaterHalfAngleSpread, "0.000")}; zero would be a block that does nothing.");
        yield return FormattableString.Invariant(
            $"Removing one block costs {MeanLossIncrease:0.000} nats a token on average{Spread(MeanLossIncreaseSpread, "0.000")}. ")
            + (IdleBlocks.Count == 0
                ? FormattableString.Invariant($"No block can be removed for less than {IdleBound} nats.")
                : FormattableString.Invariant($"Blocks that cost less than {IdleBound} nats: {Ranges(IdleBlocks)} ({IdleBlocks.Count} of {Blocks})."));
    }

    private static CurseReading Read(string family, ModelAnalysis[] models)
    {
        (double growth, double? growthSpread) = Over(models, model => model.BlockOutputVariance![^1] / model.BlockOutputVariance[0]);
        (double angle, double? angleSpread) = Over(models, model => model.AngularDistanceMean!.Skip(model.Blocks / 2).Average(row => row[0]));
        (double cost, double? costSpread) = Over(models, model => model.LossWithoutBlock!.Average() - model.Loss!.Value);
        double[] byBlock = [.. Enumerable.Range(0, models[0].Blocks).Select(block => models.Average(model => model.LossWithoutBlock![block] - model.Loss!.Value))];
        return new CurseReading(
            family, models[0].NormScheme, models.Length, models[0].Blocks, growth, growthSpread, angle, angleSpread, cost, costSpread,
            [.. byBlock.Index().Where(item => item.Item < Idle).Select(item => item.Index + 1)], Idle);
    }

    /// <summary>"7–15, 17, 20–24".</summary>
    private static string Ranges(IReadOnlyList<int> ascending)
    {
        // Numbers of one run differ from their index by the same.
        IEnumerable<int[]> runs = ascending.Index().GroupBy(item => item.Item - item.Index, item => item.Item).Select(run => run.ToArray());
        return string.Join(", ", runs.Select(run => run.Length == 1 ? FormattableString.Invariant($"{run[0]}") : FormattableString.Invariant($"{run[0]}–{run[^1]}")));
    }

    private static (double Mean, double? Spread) Over(ModelAnalysis[] models, Func<ModelAnalysis, double> measure)
    {
        double[] values = [.. models.Select(measure)];
        return (Scoring.Statistics.Mean(values), values.Length < 2 ? null : Scoring.Statistics.SampleDeviation(values));
    }

    private static string Spread(double? value, string format) => value is double spread ? $" (± {spread.ToString(format, System.Globalization.CultureInfo.InvariantCulture)} over seeds)" : "";
}
