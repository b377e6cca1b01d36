using Factory.Core;
using Factory.Evals.Data;
using Factory.Evals.Reporting;
using Factory.Evals.Tasks;

namespace Factory.Evals;

/// <summary>Puts the questions of tasks to a model and reports the scores.</summary>
public static class EvaluationRunner
{
    /// <summary>
    /// Runs every task once, however often it is named alone or through groups. All data is read before the model is asked
    /// anything, so that what is missing is known at once.
    /// </summary>
    /// <exception cref="UserError">A task is unknown, its data missing or malformed, or an option out of range.</exception>
    public static EvaluationReport Run(ILanguageModel model, EvaluationOptions options, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        options.Validate();
        EvaluationTask[] chosen = [.. options.Tasks.Distinct().Select(EvaluationTasks.Find)];
        DataFolder data = DataFolder.Open(options.DataDirectory);
        PreparedTask[] prepared = [.. chosen.SelectMany(task => task.Leaves).Distinct().Select(task => task.Prepare(data, options))];
        TaskReport[] reports = [.. prepared.Select(task => Run(model, task, options, progress, cancellation))];
        return new EvaluationReport
        {
            Date = options.Clock.GetUtcNow(),
            Model = model.Description,
            Data = options.DataDirectory ?? "sample",
            Limit = options.Limit,
            Tasks = reports,
            Groups = [.. chosen.OfType<TaskGroup>().SelectMany(group => group.Groups).Distinct()
                .Select(group => GroupReport.Of(group, [.. reports.Where(report => group.Leaves.Any(task => task.Name == report.Name))]))],
            Packages = BuildFacts.Packages,
            GitCommit = BuildFacts.GitCommit,
        };
    }

    private static TaskReport Run(
        ILanguageModel model, PreparedTask task, EvaluationOptions options, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        int total = task.Documents.Sum(document => document.Requests.Count);
        progress?.Report(new EvaluationProgress(task.Task.Name, 0, total));
        IProgress<int>? counted = progress is null ? null : new Relay(done => progress.Report(new EvaluationProgress(task.Task.Name, done, total)));
        IReadOnlyList<IReadOnlyList<LogLikelihood>> answers = Ask(model, task, counted, cancellation);
        if (options.SampleDirectory is string directory)
        {
            SampleLog.Write(directory, task, answers);
        }
        return new TaskReport
        {
            Name = task.Task.Name,
            Version = task.Task.Version,
            NumFewshot = task.Shots,
            N = task.Documents.Count,
            Metrics = task.Score(answers, options.BootstrapIterations, cancellation).ToDictionary(metric => metric.Name),
            RequestSha256 = task.RequestSha256,
            DataSha256 = task.Files.ToDictionary(file => file.Name, file => file.Sha256),
        };
    }

    private static IReadOnlyList<IReadOnlyList<LogLikelihood>> Ask(ILanguageModel model, PreparedTask task, IProgress<int>? progress, CancellationToken cancellation)
    {
        try
        {
            return task.Ask(model, progress, cancellation);
        }
        catch (UserError error)
        {
            throw new UserError($"{task.Task.Name}: {error.Message}", error);
        }
    }

    /// <summary>Reports on the calling thread; <see cref="Progress{T}"/> would post and could arrive out of order.</summary>
    private sealed class Relay(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
