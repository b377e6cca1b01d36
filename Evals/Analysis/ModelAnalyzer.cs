using Factory.Evals.Reporting;
using Factory.Runtime;

namespace Factory.Evals.Analysis;

/// <summary>Measures one bundle.</summary>
internal sealed class ModelAnalyzer(AnalyzedBundle bundle, RuntimeOptions options, IReadOnlyList<int[]> rows, IProgress<string> progress)
{
    /// <summary>Moments, cosines and angular distances of the residual stream.</summary>
    public ModelAnalysis Stream(CancellationToken cancellationToken)
    {
        using IAnalyzedModel model = bundle.Load(options);
        StreamMoments found = StreamMoments.Measure(bundle.Blocks, model.Measure, rows, done => progress.Report($"{bundle.Name}: {done} of {rows.Count} sequences"), cancellationToken);
        return Describe() with
        {
            BlockOutputMean = found.Mean,
            BlockOutputMeanSquare = found.MeanSquare,
            BlockOutputVariance = found.Variance,
            CosineInputOutputMean = found.Cosine,
            AngularDistanceMean = found.AngularDistance,
            AngularDistanceLastToken = found.AngularDistanceLastToken,
        };
    }

    /// <summary>The loss without each block.</summary>
    /// <param name="greedy">Whether blocks are also removed one after another.</param>
    public ModelAnalysis PruneLoss(bool greedy, CancellationToken cancellationToken)
    {
        using IAnalyzedModel model = bundle.Load(options);
        double whole = Loss([], "all blocks");
        double[] without = [.. Enumerable.Range(0, bundle.Blocks).Select(block => Loss([block], $"without block {block + 1} of {bundle.Blocks}"))];
        return Describe() with
        {
            Loss = whole,
            LossWithoutBlock = without,
            GreedyRemoval = greedy ? PruningCurve.Greedy(bundle.Blocks, model, rows, without, () => progress.Report($"{bundle.Name}: one after another"), cancellationToken) : null,
        };

        double Loss(int[] removed, string what) => model.Loss(rows, removed, () => progress.Report($"{bundle.Name}: {what}"), cancellationToken);
    }

    /// <summary>The scores of a plan's tasks without each block.</summary>
    public async Task<ModelAnalysis> PruneTasksAsync(EvaluationPlan plan, CancellationToken cancellationToken)
    {
        using IAnalyzedModel model = bundle.Load(options);
        EvaluationReport whole = await RunAsync([]).ConfigureAwait(false);
        var without = new List<EvaluationReport>();
        for (int block = 0; block < bundle.Blocks; block++)
        {
            without.Add(await RunAsync([block]).ConfigureAwait(false));
        }
        return Describe() with { Tasks = [.. whole.Tasks.Select((task, index) => ToPruned(task, [.. without.Select(report => report.Tasks[index])]))] };

        async Task<EvaluationReport> RunAsync(int[] removed)
        {
            string what = removed is [int block] ? $"without block {block + 1} of {bundle.Blocks}" : "all blocks";
            var counted = new Counted(done => progress.Report($"{bundle.Name}: {what}, {done.Task} {done.Done}/{done.Total}"));
            return (await EvaluationRunner.RunAsync(model.Without(removed), plan, counted, cancellationToken).ConfigureAwait(false)).Report;
        }
    }

    private static PrunedTask ToPruned(TaskReport whole, IReadOnlyList<TaskReport> without)
    {
        Scoring.MetricScore score = whole.Metrics.Values.First();
        double[] scores = [.. without.Select(report => report.Metrics[score.Name].Value)];
        return new PrunedTask(whole.Name, score.Name, whole.N, score.Value, score.StandardError, scores, [.. scores.Select(value => value - score.Value)]);
    }

    private ModelAnalysis Describe() => new()
    {
        Name = bundle.Name,
        BundleSha256 = bundle.Sha256,
        NormScheme = bundle.NormScheme,
        Sequences = rows.Count,
        Tokens = rows.Sum(row => row.Length),
        Blocks = bundle.Blocks,
    };

    private sealed class Counted(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value);
    }
}
