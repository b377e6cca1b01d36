using Factory.Core.Journal;
using Factory.Plots;

namespace Factory.Trainer.Comparison;

/// <summary>The pictures of a comparison: perplexity over training and held-out loss over fine-tuning with the spread over seeds, variance over depth at the end, and each method's variance over training.</summary>
internal static class ComparisonFigures
{
    public static void Write(string folder, ComparisonReport report)
    {
        (string Method, RunHistory[] Runs)[] methods =
            [.. report.Arms.GroupBy(arm => arm.Method).Select(group => (group.Key, group.Select(arm => RunHistory.Read(Path.Combine(folder, arm.Run), arm.Method)).ToArray()))];
        RunFigures.Lines("Validation perplexity", "perplexity", [.. methods.Select(method => OverSeeds(method.Method, method.Runs, validation => validation.Perplexity))], logarithmic: true)
            .Write(Path.Combine(folder, "perplexity"));
        RunFigures.Loss([.. methods.Select(method => method.Runs[0])]).Write(Path.Combine(folder, "loss"));
        new LineFigure
        {
            Title = "Variance of each block's output after training",
            XAxis = "block (from 1)",
            YAxis = "variance of the residual stream",
            LogarithmicY = true,
            Curves = [.. report.Methods.Where(method => method.BlockOutputVariance is { Count: > 0 }).Select(method => RunFigures.Depth(method.Method, method.BlockOutputVariance!))],
        }.Write(Path.Combine(folder, "variance_over_depth"));
        if (report.TuningRuns is { } tunings)
        {
            RunFigures.Lines(
                "Fine-tuning: loss on held-out answers", "cross-entropy (nats per token)",
                [.. tunings.GroupBy(run => $"{run.Method} {run.Tuning}").Select(group => OverSeeds(group.Key, [.. group.Select(run => RunHistory.Read(Path.Combine(folder, run.Run)))], validation => validation.Loss))],
                logarithmic: true).Write(Path.Combine(folder, "finetune_loss"));
        }
        foreach ((string method, RunHistory[] runs) in methods.Where(method => method.Runs[0].Variances.Count > 0))
        {
            RunFigures.OverTraining(runs[0]).Write(Path.Combine(folder, $"variance_over_training_{method}"));
        }
    }

    /// <summary>The mean over the seeds, with their standard deviation, at the steps that all have.</summary>
    private static Curve OverSeeds(string name, RunHistory[] runs, Func<ValidationRecord, double?> value)
    {
        (double Step, SampleMean Mean)[] points = [.. runs
            .SelectMany(run => run.Validations)
            .Where(validation => value(validation) is not null)
            .GroupBy(validation => validation.Step)
            .Where(group => group.Count() == runs.Length)
            .OrderBy(group => group.Key)
            .Select(group => ((double)group.Key, SampleMean.Of(group.Select(value))!))];
        return new Curve(name, [.. points.Select(point => point.Step)], [.. points.Select(point => point.Mean.Mean)], runs.Length > 1 ? [.. points.Select(point => point.Mean.Deviation!.Value)] : null);
    }
}
