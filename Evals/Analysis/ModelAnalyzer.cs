using Factory.Evals.Models;
using Factory.Evals.Reporting;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Evals.Analysis;

/// <summary>Measures one bundle through its analysis graph.</summary>
internal sealed class ModelAnalyzer(Bundle bundle, RuntimeOptions options, IReadOnlyList<int[]> rows, IProgress<string> progress)
{
    /// <summary>Moments, cosines and angular distances of the residual stream.</summary>
    public ModelAnalysis Stream(CancellationToken cancellationToken)
    {
        using AnalysisModel model = AnalysisModel.Load(bundle, options);
        StreamMoments found = StreamMoments.Measure(model, rows, done => progress.Report($"{bundle.Name}: {done} of {rows.Count} sequences"), cancellationToken);
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
        using AnalysisModel model = AnalysisModel.Load(bundle, options);
        double whole = Loss([], "all blocks");
        double[] without = [.. Enumerable.Range(0, model.BlockCount).Select(block => Loss([block], $"without block {block + 1} of {model.BlockCount}"))];
        return Describe() with
        {
            Loss = whole,
            LossWithoutBlock = without,
            GreedyRemoval = greedy ? PruningCurve.Greedy(model, rows, without, () => progress.Report($"{bundle.Name}: one after another"), cancellationToken) : null,
        };

        double Loss(int[] removed, string what) => PruningCurve.Loss(model, rows, removed, () => progress.Report($"{bundle.Name}: {what}"), cancellationToken);
    }

    /// <summary>The scores of a plan's tasks without each block.</summary>
    public async Task<ModelAnalysis> PruneTasksAsync(EvaluationPlan plan, CancellationToken cancellationToken)
    {
        using AnalysisModel model = AnalysisModel.Load(bundle, options);
        EvaluationReport whole = await RunAsync([]).ConfigureAwait(false);
        var without = new List<EvaluationReport>();
        for (int block = 0; block < model.BlockCount; block++)
        {
            without.Add(await RunAsync([block]).ConfigureAwait(false));
        }
        return Describe() with { Tasks = [.. whole.Tasks.Select((task, index) => ToPruned(task, [.. without.Select(report => report.Tasks[index])]))] };

        async Task<EvaluationReport> RunAsync(int[] removed)
        {
            string what = removed is [int block] ? $"without block {block + 1} of {model.BlockCount}" : "all blocks";
            var counted = new Counted(done => progress.Report($"{bundle.Name}: {what}, {done.Task} {done.Done}/{done.Total}"));
            return (await EvaluationRunner.RunAsync(new PrunedLanguageModel(model, AnalysisSequences.Tokenizer(bundle), removed), plan, counted, cancellationToken).ConfigureAwait(false)).Report;
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
        BundleSha256 = bundle.Manifest.ContentHash,
        NormScheme = bundle.Architecture.NormScheme.Name,
        Sequences = rows.Count,
        Tokens = rows.Sum(row => row.Length),
        Blocks = bundle.Architecture.BlockCount,
    };

    private sealed class Counted(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value);
    }
}
