using Factory.Evals.Scoring;

namespace Factory.Evals.Reporting;

/// <summary>What a task gave.</summary>
public sealed record TaskReport
{
    public required string Name { get; init; }

    /// <summary>The harness's version of the task.</summary>
    public required double Version { get; init; }

    /// <summary>Examples in front of each question.</summary>
    public required int NumFewshot { get; init; }

    /// <summary>Documents scored.</summary>
    public required int N { get; init; }

    /// <summary>By name: "acc", "acc_norm", "perplexity" …</summary>
    public required IReadOnlyDictionary<string, MetricScore> Metrics { get; init; }

    /// <summary>SHA-256 of the questions in file order, as the harness hashes them; of all parts, where only one was scored.</summary>
    public required string RequestSha256 { get; init; }

    /// <summary>SHA-256 of each data file by its path relative to the data folder.</summary>
    public required IReadOnlyDictionary<string, string> DataSha256 { get; init; }

    internal static TaskReport From(AnsweredTask answered, EvaluationOptions options, CancellationToken cancellationToken) => new()
    {
        Name = answered.Task.Task.Name,
        Version = answered.Task.Task.Version,
        NumFewshot = answered.Task.Shots,
        N = answered.Documents.Count,
        Metrics = answered.Task.Task.Score(
            [.. answered.Documents.Select(item => item.Document)], [.. answered.Documents.Select(item => item.Responses)], options.BootstrapIterations, cancellationToken)
            .ToDictionary(metric => metric.Name),
        RequestSha256 = answered.Task.RequestSha256,
        DataSha256 = answered.Task.Files.ToDictionary(file => file.Name, file => file.Sha256),
    };
}
