using Factory.Core;
using Factory.Evals.Data;
using Factory.Evals.Tasks;

namespace Factory.Evals;

/// <summary>Every question of an evaluation, built before a model is asked anything, so that what is missing is known at once.</summary>
public sealed class EvaluationPlan
{
    private EvaluationPlan(EvaluationOptions options, IReadOnlyList<PreparedTask> tasks, IReadOnlyList<TaskGroup> groups)
    {
        Options = options;
        Tasks = tasks;
        Groups = groups;
        RequestCount = tasks.Sum(task => task.In(options.Shard).Sum(item => item.Document.Requests.Count));
    }

    public EvaluationOptions Options { get; }

    /// <summary>Each task once, however often it is named alone or through groups.</summary>
    public IReadOnlyList<PreparedTask> Tasks { get; }

    /// <summary>The groups that were named, and the groups in them.</summary>
    public IReadOnlyList<TaskGroup> Groups { get; }

    /// <summary>Requests of all tasks in the chosen part.</summary>
    public int RequestCount { get; }

    /// <summary>Where the data lies, for the report.</summary>
    public string Data => Options.DataDirectory is string folder ? Path.TrimEndingDirectorySeparator(folder)
        : Tasks.Any(task => task.IsSample) ? EvaluationReport.SampleData
        : Options.TextFile ?? EvaluationReport.SampleData;

    /// <exception cref="SettingError">A task is unknown, or an option out of range.</exception>
    /// <exception cref="DataError">A task's data is missing or malformed.</exception>
    public static EvaluationPlan From(EvaluationOptions options)
    {
        options.Validate();
        EvaluationTask[] chosen = [.. options.Tasks.Distinct().Select(EvaluationTasks.Find)];
        DataFolder data = DataFolder.Open(options.DataDirectory);
        PreparedTask[] tasks = [.. chosen.SelectMany(task => task.Leaves).Distinct().Select(task => task.Prepare(data, options))];
        return tasks.FirstOrDefault(task => task.Documents.Count < options.Shard.Count) is PreparedTask small
            ? throw new SettingError("shard", $"expected at most {small.Documents.Count} parts, as {small.Task.Name} has no more documents, found {options.Shard}.")
            : new EvaluationPlan(options, tasks, [.. chosen.OfType<TaskGroup>().SelectMany(group => group.Groups).Distinct()]);
    }
}
