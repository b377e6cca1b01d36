using Factory.Evals.Data;
using Factory.Evals.Scoring;
using Factory.Runtime;

namespace Factory.Evals.Tasks;

/// <summary>A task with data of its own: builds the questions and turns the answers into metrics.</summary>
public abstract class ScoredTask(string name, double version) : EvaluationTask(name, version)
{
    public sealed override IReadOnlyList<ScoredTask> Leaves => [this];

    /// <summary>Where the data is looked for, relative to the data folder.</summary>
    public abstract string DataPath { get; }

    /// <summary>Whether whole texts are scored; otherwise continuations of contexts.</summary>
    public abstract bool IsRolling { get; }

    /// <summary>Reads the data and builds the questions.</summary>
    /// <exception cref="Core.UserError">Data is missing or malformed, or there are not enough examples.</exception>
    public abstract PreparedTask Prepare(DataFolder data, EvaluationOptions options);

    /// <summary>Metrics of <paramref name="answers"/>, which stand in the documents' order, choice by choice.</summary>
    public abstract IReadOnlyList<MetricScore> Score(
        IReadOnlyList<TaskDocument> documents, IReadOnlyList<IReadOnlyList<LogLikelihood>> answers, int bootstrapIterations, CancellationToken cancellation);
}
