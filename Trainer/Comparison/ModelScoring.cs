using System.Globalization;
using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;

namespace Factory.Trainer.Comparison;

/// <summary>
/// The last stage of a comparison: exports its models and scores them, by the Exporter and Evals as processes.
/// <code>
/// FOLDER/RUN ─ Exporter ─► FOLDER/models/RUN ─ Evals run ─► FOLDER/reports/RUN.json ─ Evals report ─► FOLDER/table3/index.html
/// </code>
/// What is there and belongs to what it was made from is not made again.
/// </summary>
/// <param name="folder">The comparison's.</param>
/// <param name="threads">CPU threads of a scoring; 0 for one per core.</param>
internal sealed class ModelScoring(string folder, ScoringChoice choice, int threads)
{
    private const string Tasks = "paper";

    private readonly FactoryProgram _exporter = new("Exporter");
    private readonly FactoryProgram _evals = new("Evals");

    /// <summary>The page of all reports.</summary>
    public string Page => Path.Combine(folder, "table3", "index.html");

    /// <summary>Builds the tasks' questions, so that what is missing is known before anything is trained.</summary>
    /// <exception cref="SettingError">A task's data is missing or malformed.</exception>
    public async Task RequireDataAsync(CancellationToken cancellationToken)
    {
        if (await _evals.CheckAsync(["requests", "--task", Tasks, .. Questions], cancellationToken).ConfigureAwait(false) is string problem)
        {
            throw new SettingError("evaluate", problem.Replace("--data: ", "", StringComparison.Ordinal));
        }
    }

    /// <summary>Exports and scores a run, so far as that is not done.</summary>
    /// <param name="run">Its name in the comparison's folder.</param>
    public async Task ScoreAsync(string run, CancellationToken cancellationToken)
    {
        if (!IsExported(run))
        {
            await _exporter.RunAsync(["--checkpoint", Path.Combine(folder, run), "--output", ModelOf(run), "--precision", "fp32"], cancellationToken).ConfigureAwait(false);
        }
        if (Scores(run) is null)
        {
            string responses = Path.Combine(folder, "reports", "responses.db");
            await _evals.RunAsync(["run", "--model", ModelOf(run), "--tasks", Tasks, .. Questions, "--threads", threads.ToString(CultureInfo.InvariantCulture), "--cache", responses, "--output", ReportOf(run)], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Accuracies by task, the mean over the tasks last; null where the run, as it is now, was not asked these questions yet.</summary>
    public IReadOnlyDictionary<string, double>? Scores(string run)
    {
        if (!IsExported(run) || ScoreReport.Read(ReportOf(run)) is not ScoreReport report)
        {
            return null;
        }
        bool same = report.Bundle == Manifest.ReadKind(ModelOf(run), BundleFolder.Kind).ContentHash && report.Limit == choice.Limit && report.Data == Path.TrimEndingDirectorySeparator(choice.Data);
        return same ? report.Accuracies(Tasks) : null;
    }

    /// <summary>Puts all reports on one page, beside the paper's tables.</summary>
    public Task WritePageAsync(IEnumerable<string> runs, CancellationToken cancellationToken) =>
        _evals.RunAsync(["report", "--inputs", .. runs.Select(ReportOf), "--output", Path.GetDirectoryName(Page)!], cancellationToken);

    private string[] Questions => ["--data", choice.Data, .. choice.Limit is double limit ? new[] { "--limit", limit.ToString(CultureInfo.InvariantCulture) } : []];

    private string ModelOf(string run) => Path.Combine(folder, "models", run);

    private string ReportOf(string run) => Path.Combine(folder, "reports", $"{run}.json");

    private bool IsExported(string run) => Manifest.FindKind(ModelOf(run)) == BundleFolder.Kind
        && Manifest.ReadKind(ModelOf(run), BundleFolder.Kind).Facts.GetValueOrDefault(BundleFolder.CheckpointFact)
            == Manifest.ReadKind(CheckpointFolder.Resolve(Path.Combine(folder, run)), CheckpointFolder.Kind).ContentHash;
}
