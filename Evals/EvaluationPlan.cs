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
    }

    public EvaluationOptions Options { get; }

    /// <summary>Each task once, however often it is named alone or through groups.</summary>
    public IReadOnlyList<PreparedTask> Tasks { get; }

    /// <summary>The groups that were named, and the groups in them.</summary>
    public IReadOnlyList<TaskGroup> Groups { get; }

    /// <summary>Questions of all tasks.</summary>
    public int RequestCount => Tasks.Sum(task => task.RequestCount);

    /// <exception cref="UserError">A task is unknown, its data missing or malformed, or an option out of range.</exception>
    public static EvaluationPlan Of(EvaluationOptions options)
    {
        options.Validate();
        EvaluationTask[] chosen = [.. options.Tasks.Distinct().Select(EvaluationTasks.Find)];
        DataFolder data = DataFolder.Open(options.DataDirectory);
        return new EvaluationPlan(
            options,
            [.. chosen.SelectMany(task => task.Leaves).Distinct().Select(task => task.Prepare(data, options))],
            [.. chosen.OfType<TaskGroup>().SelectMany(group => group.Groups).Distinct()]);
    }
}
