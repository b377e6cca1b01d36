using Factory.Core.Journal;
using Factory.Plots;

namespace Factory.Trainer.Comparison;

/// <summary>The pictures of a comparison: perplexity over training with the spread over seeds, variance over depth at the end, and each method's variance over training.</summary>
internal static class ComparisonFigures
{
    public static void Write(string folder, ComparisonReport report)
    {
        (string Method, RunHistory[] Runs)[] methods =
            [.. report.Arms.GroupBy(arm => arm.Method).Select(group => (group.Key, group.Select(arm => RunHistory.Read(Path.Combine(folder, arm.Run), arm.Method)).ToArray()))];
        RunFigures.Lines("Validation perplexity", "perplexity", [.. methods.Select(Perplexity)], logarithmic: true).Write(Path.Combine(folder, "perplexity"));
        RunFigures.Loss([.. methods.Select(method => method.Runs[0])]).Write(Path.Combine(folder, "loss"));
        new LineFigure
        {
            Title = "Variance of each block's output after training",
            XAxis = "block (from 1)",
            YAxis = "variance of the residual stream",
            LogarithmicY = true,
            Curves = [.. report.Methods.Where(method => method.BlockOutputVariance is { Count: > 0 }).Select(method => RunFigures.Depth(method.Method, method.BlockOutputVariance!))],
        }.Write(Path.Combine(folder, "variance_over_depth"));
        foreach ((string method, RunHistory[] runs) in methods.Where(method => method.Runs[0].Variances.Count > 0))
        {
            RunFigures.OverTraining(runs[0]).Write(Path.Combine(folder, $"variance_over_training_{method}"));
        }
    }

    /// <summary>The mean over the seeds, with their standard deviation, at the steps that all have.</summary>
    private static Curve Perplexity((string Method, RunHistory[] Runs) method)
    {
        (double Step, double[] Values)[] points = [.. method.Runs
            .SelectMany(run => run.Validations)
            .Where(validation => validation.Perplexity is not null)
            .GroupBy(validation => validation.Step)
            .Where(group => group.Count() == method.Runs.Length)
            .OrderBy(group => group.Key)
            .Select(group => ((double)group.Key, group.Select(validation => validation.Perplexity!.Value).ToArray()))];
        return new Curve(
            method.Method, [.. points.Select(point => point.Step)], [.. points.Select(point => point.Values.Average())],
            method.Runs.Length > 1 ? [.. points.Select(point => Deviation(point.Values))] : null);
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
    }
}
