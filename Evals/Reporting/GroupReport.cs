using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Reporting;

/// <summary>The common score of a group of tasks: means weighted by the tasks' sizes, with pooled standard errors.</summary>
public sealed record GroupReport
{
    public required string Name { get; init; }

    public required double Version { get; init; }

    public required int NumFewshot { get; init; }

    /// <summary>Documents scored, over all tasks.</summary>
    public required int N { get; init; }

    public required IReadOnlyDictionary<string, MetricScore> Metrics { get; init; }

    /// <summary>Names of the tasks.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>Sums up <paramref name="reports"/>, one for each of the group's tasks.</summary>
    internal static GroupReport Of(TaskGroup group, IReadOnlyList<TaskReport> reports) => new()
    {
        Name = group.Name,
        Version = group.Version,
        NumFewshot = reports[0].NumFewshot,
        N = reports.Sum(report => report.N),
        Metrics = reports[0].Metrics.Values.ToDictionary(first => first.Name, first => new MetricScore(
            first.Name,
            Statistics.WeightedMean([.. reports.Select(report => (report.Metrics[first.Name].Value, report.N))]),
            Statistics.PooledError([.. reports.Select(report => (report.Metrics[first.Name].StandardError, report.N))]),
            first.HigherIsBetter)),
        Tasks = [.. reports.Select(report => report.Name)],
    };
}
