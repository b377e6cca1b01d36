namespace Factory.Evals.Tasks;

/// <summary>Tasks with one common score.</summary>
public sealed class TaskGroup(string name, double version, IReadOnlyList<EvaluationTask> members) : EvaluationTask(name, version)
{
    public IReadOnlyList<EvaluationTask> Members { get; } = members;

    /// <summary>Whether the score is the mean over all documents of all tasks (the default), or the plain mean of the members' scores.</summary>
    public bool WeightedBySize { get; init; } = true;

    public override IReadOnlyList<ScoredTask> Leaves { get; } = [.. members.SelectMany(member => member.Leaves)];

    /// <summary>This group and the groups in it.</summary>
    public IEnumerable<TaskGroup> Groups => Members.OfType<TaskGroup>().SelectMany(group => group.Groups).Prepend(this);
}
