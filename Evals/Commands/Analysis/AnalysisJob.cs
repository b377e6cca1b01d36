using System.Text.Json;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Evals.Analysis;
using Factory.Plots;
using Factory.Runtime;

namespace Factory.Evals.Commands.Analysis;

/// <param name="Rows">The sequences that it reads.</param>
internal sealed record AnalysisTarget(string Name, AnalyzedBundle Bundle, IReadOnlyList<int[]> Rows);

/// <summary>What is to be analysed, and where the results go.</summary>
/// <param name="Plan">Tasks to score; null: none.</param>
internal sealed record AnalysisJob(IReadOnlyList<AnalysisTarget> Targets, EvaluationPlan? Plan, RuntimeOptions Runtime, string Output)
{
    /// <summary>Runs <paramref name="analyse"/> on one model after another under a progress bar.</summary>
    public Task<IReadOnlyList<ModelAnalysis>> RunAsync(string title, Func<ModelAnalyzer, Task<ModelAnalysis>> analyse, CancellationToken cancellationToken) =>
        ProgressBar.RunAsync<IReadOnlyList<ModelAnalysis>>(title, Targets.Count, "models", bar => Task.Run(async () =>
        {
            var models = new List<ModelAnalysis>();
            foreach (AnalysisTarget target in Targets)
            {
                var progress = new Noted(note => bar.Report(models.Count, note));
                models.Add(await analyse(new ModelAnalyzer(target.Bundle, Runtime, target.Rows, progress)).ConfigureAwait(false) with { Name = target.Name });
                bar.Report(models.Count);
            }
            return (IReadOnlyList<ModelAnalysis>)models;
        }, cancellationToken));

    public void Write(string name, IReadOnlyList<ModelAnalysis> models) =>
        AtomicFile.Write(Path.Combine(Output, name), [.. JsonSerializer.SerializeToUtf8Bytes(new AnalysisReport(models), AnalysisJson.Default.AnalysisReport), (byte)'\n']);

    /// <summary>Draws a figure into the output folder.</summary>
    public string Draw(string name, Figure figure) => figure.Write(Path.Combine(Output, name.Replace('/', '-'))).Png;

    private sealed class Noted(Action<string> report) : IProgress<string>
    {
        public void Report(string value) => report(value);
    }
}
