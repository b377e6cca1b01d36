namespace Factory.Evals.Tasks;

/// <summary>A name that can be evaluated: a task, or a group of them.</summary>
/// <param name="name">As the harness spells it.</param>
/// <param name="version">The harness's version of the prompt and the metrics; scores of different versions are not comparable.</param>
public abstract class EvaluationTask(string name, double version)
{
    public string Name { get; } = name;

    public double Version { get; } = version;

    /// <summary>The tasks that are run.</summary>
    public abstract IReadOnlyList<ScoredTask> Leaves { get; }
}
