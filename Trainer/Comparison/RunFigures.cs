using Factory.Core;
using Factory.Core.Journal;
using Factory.Plots;

namespace Factory.Trainer.Comparison;

/// <summary>Figures of one run or several over training: the paper's 1 (variance of each block over the steps), 5 (loss) and 6 (variance over depth at several steps).</summary>
public static class RunFigures
{
    /// <summary>Points of a loss curve; each is the mean over its share of the steps.</summary>
    private const int LossPoints = 200;

    /// <summary>Curves of the figure of variance over depth.</summary>
    private const int DepthCurves = 4;

    private const string Variance = "variance of the residual stream";

    /// <summary>Writes what the runs' journals give into <paramref name="folder"/>, as PNG and SVG.</summary>
    /// <returns>The PNG files.</returns>
    public static IReadOnlyList<string> Write(string folder, IReadOnlyList<RunHistory> runs)
    {
        Directory.CreateDirectory(folder);
        var figures = new List<(string Name, Figure Figure)>
        {
            ("loss", Loss(runs)),
            ("gradient_norm", Lines("Gradient norm before clipping", "norm", [.. runs.Select(run => Smooth(run.Name, run.Steps, step => step.GradNorm))], logarithmic: true)),
        };
        if (runs.Any(run => run.Validations.Count > 0))
        {
            figures.Add(("perplexity", Lines("Validation perplexity", "perplexity", [.. runs.Select(Perplexity)], logarithmic: true)));
        }
        foreach (RunHistory run in runs.Where(run => run.Variances.Count > 0))
        {
            string suffix = runs.Count == 1 ? "" : $"_{run.Name}";
            figures.Add(($"variance_over_training{suffix}", OverTraining(run)));
            figures.Add(($"variance_over_depth{suffix}", OverDepth(run)));
        }
        return [.. figures.Select(figure => figure.Figure.Write(Path.Combine(folder, figure.Name)).Png)];
    }

    /// <summary>Training loss, smoothed.</summary>
    public static LineFigure Loss(IReadOnlyList<RunHistory> runs) =>
        Lines("Training loss", "cross-entropy (nats per token)", [.. runs.Select(run => Smooth(run.Name, run.Steps, step => step.Loss))], logarithmic: false);

    /// <summary>Variance of each block's output over the steps of one run.</summary>
    public static LineFigure OverTraining(RunHistory run) => Lines(
        $"{run.Name}: variance of each block's output", Variance,
        [.. Enumerable.Range(0, run.Variances.Min(validation => validation.BlockOutputVariance!.Count)).Select(block =>
            new Curve($"block {block + 1}", [.. run.Variances.Select(At)], [.. run.Variances.Select(validation => validation.BlockOutputVariance![block])]))],
        logarithmic: true) with
    { IsSequence = true };

    /// <summary>Variance over depth at several steps of one run.</summary>
    public static LineFigure OverDepth(RunHistory run)
    {
        int count = Math.Min(DepthCurves, run.Variances.Count);
        return new LineFigure
        {
            Title = $"{run.Name}: variance over depth",
            XAxis = "block (from 1)",
            YAxis = Variance,
            LogarithmicY = true,
            IsSequence = true,
            Curves = [.. Enumerable.Range(1, count).Select(part => run.Variances[(part * run.Variances.Count / count) - 1]).Select(validation => Depth($"step {validation.Step}", validation.BlockOutputVariance!))],
        };
    }

    /// <summary>Variance over depth as a curve.</summary>
    public static Curve Depth(string name, IReadOnlyList<double> variances) => new(name, [.. variances.Select((_, block) => block + 1.0)], variances);

    /// <summary>Curves over the steps.</summary>
    public static LineFigure Lines(string title, string what, IReadOnlyList<Curve> curves, bool logarithmic) =>
        new() { Title = title, XAxis = "step", YAxis = what, Curves = curves, LogarithmicY = logarithmic };

    private static Curve Perplexity(RunHistory run)
    {
        ValidationRecord[] measured = [.. run.Validations.Where(validation => validation.Perplexity is not null)];
        return new Curve(run.Name, [.. measured.Select(At)], [.. measured.Select(validation => validation.Perplexity!.Value)]);
    }

    private static double At(ValidationRecord validation) => validation.Step;

    private static Curve Smooth(string name, IReadOnlyList<StepRecord> steps, Func<StepRecord, double?> value)
    {
        (long Step, double Value)[] known = [.. steps.Where(step => value(step) is not null).Select(step => (step.Step, value(step)!.Value))];
        (long Step, double Value)[][] parts = [.. known.Chunk(Math.Max(1, known.Length / LossPoints))];
        return new Curve(name, [.. parts.Select(part => (double)part[^1].Step)], [.. parts.Select(part => part.Average(point => point.Value))]);
    }
}
