namespace Factory.Evals.Tasks;

/// <summary>Tasks with one common score: the mean over all their documents.</summary>
public sealed class TaskGroup(string name, double version, IReadOnlyList<EvaluationTask> members) : EvaluationTask(name, version)
{
    public IReadOnlyList<EvaluationTask> Members { get; } = members;

    public override IReadOnlyList<ScoredTask> Leaves { get; } = [.. members.SelectMany(member => member.Leaves)];

    /// <summary>This group and the groups in it.</summary>
    public IEnumerable<TaskGroup> Groups => Members.OfType<TaskGroup>().SelectMany(group => group.Groups).Prepend(this);
}
