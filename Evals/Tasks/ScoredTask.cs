using Factory.Evals.Data;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>A task with data of its own: builds the questions and turns the answers into metrics.</summary>
public abstract class ScoredTask(string name, double version) : EvaluationTask(name, version)
{
    public sealed override IReadOnlyList<ScoredTask> Leaves => [this];

    /// <summary>Where the data is looked for first, relative to the data folder.</summary>
    public abstract string DataPath { get; }

    /// <summary>What is reported, in this order.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>Reads the data and builds the questions.</summary>
    /// <exception cref="DataError">Data is missing or malformed.</exception>
    /// <exception cref="Core.SettingError">There are not enough examples.</exception>
    public abstract PreparedTask Prepare(DataFolder data, EvaluationOptions options);

    /// <summary>Metrics of <paramref name="responses"/>, which stand in the documents' order.</summary>
    public IReadOnlyList<MetricScore> Score(
        IReadOnlyList<TaskDocument> documents, IReadOnlyList<IReadOnlyList<EvaluationResponse>> responses, int bootstrapIterations, CancellationToken cancellationToken) =>
        [.. Metrics.Select(metric => metric.Score([.. documents.Zip(responses, metric.Measure)], bootstrapIterations, cancellationToken))];
}
