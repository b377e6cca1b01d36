using Factory.Core;
using Factory.Evals.Reporting;
using Factory.Evals.Tasks;
using Factory.Runtime;

namespace Factory.Evals;

/// <summary>Puts the questions of tasks to a model and reports the scores.</summary>
public static class EvaluationRunner
{
    /// <inheritdoc cref="Run(ILanguageModel, EvaluationPlan, IProgress{EvaluationProgress}, CancellationToken)"/>
    public static EvaluationReport Run(ILanguageModel model, EvaluationOptions options, IProgress<EvaluationProgress>? progress, CancellationToken cancellation) =>
        Run(model, EvaluationPlan.Of(options), progress, cancellation);

    /// <summary>Runs the tasks one after another.</summary>
    /// <param name="progress">Gets every answer's count, on the calling thread.</param>
    /// <exception cref="UserError">A task is unknown, its data missing or malformed, an option out of range, or a question cannot be asked of this model.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public static EvaluationReport Run(ILanguageModel model, EvaluationPlan plan, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var reports = new List<TaskReport>();
        int done = 0;
        foreach (PreparedTask task in plan.Tasks)
        {
            reports.Add(Run(model, task, plan.Options, new TaskProgress(progress, task.Task.Name, done, plan.RequestCount), cancellation));
            done += task.RequestCount;
        }
        return new EvaluationReport
        {
            Date = plan.Options.Clock.GetUtcNow(),
            Model = model.Description,
            Data = plan.Options.DataDirectory ?? EvaluationReport.SampleData,
            Limit = plan.Options.Limit,
            Tasks = reports,
            Groups = [.. plan.Groups.Select(group => GroupReport.Of(group, [.. reports.Where(report => group.Leaves.Any(task => task.Name == report.Name))]))],
            Packages = BuildFacts.Packages,
            GitCommit = BuildFacts.GitCommit,
        };
    }

    private static TaskReport Run(ILanguageModel model, PreparedTask task, EvaluationOptions options, TaskProgress progress, CancellationToken cancellation)
    {
        progress.Report(0);
        IReadOnlyList<IReadOnlyList<LogLikelihood>> answers = Ask(model, task, progress, cancellation);
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

    private static IReadOnlyList<IReadOnlyList<LogLikelihood>> Ask(ILanguageModel model, PreparedTask task, TaskProgress progress, CancellationToken cancellation)
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

    /// <summary>Counts a task's answers on top of those before; <see cref="Progress{T}"/> would post and could arrive out of order.</summary>
    private sealed class TaskProgress(IProgress<EvaluationProgress>? whole, string task, int before, int total) : IProgress<int>
    {
        public void Report(int value) => whole?.Report(new EvaluationProgress(task, before + value, total));
    }
}
