using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Reporting;

/// <summary>The common score of a group of tasks, with its standard error.</summary>
public sealed record GroupReport
{
    public required string Name { get; init; }

    public required double Version { get; init; }

    public required int NumFewshot { get; init; }

    /// <summary>Documents scored, over all tasks.</summary>
    public required int N { get; init; }

    public required IReadOnlyDictionary<string, MetricScore> Metrics { get; init; }

    /// <summary>Names of the tasks; where the group is a plain mean over members, of the members.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>Sums up those of <paramref name="reports"/> that are the group's.</summary>
    internal static GroupReport From(TaskGroup group, IReadOnlyList<TaskReport> reports)
    {
        TaskReport[] own = [.. reports.Where(report => group.Leaves.Any(task => task.Name == report.Name))];
        Part[] parts = group.WeightedBySize
            ? [.. own.Select(report => new Part(report.Name, report.N, report.Metrics))]
            : [.. group.Members.Select(member => ToPart(member, reports))];
        return new GroupReport
        {
            Name = group.Name,
            Version = group.Version,
            NumFewshot = own[0].NumFewshot,
            N = own.Sum(report => report.N),
            Metrics = parts[0].Metrics.Values
                .Where(score => parts.All(part => part.Metrics.ContainsKey(score.Name)))
                .ToDictionary(score => score.Name, score => Combine(score, parts, group.WeightedBySize)),
            Tasks = [.. parts.Select(part => part.Name)],
        };
    }

    private static Part ToPart(EvaluationTask member, IReadOnlyList<TaskReport> reports)
    {
        if (member is TaskGroup group)
        {
            GroupReport inner = From(group, reports);
            return new Part(inner.Name, inner.N, inner.Metrics);
        }
        TaskReport report = reports.Single(report => report.Name == member.Name);
        return new Part(report.Name, report.N, report.Metrics);
    }

    private static MetricScore Combine(MetricScore like, Part[] parts, bool bySize)
    {
        (double Value, double? Error, int Size)[] scores = [.. parts.Select(part => (part.Metrics[like.Name].Value, part.Metrics[like.Name].StandardError, part.N))];
        return bySize
            ? like with
            {
                Value = Statistics.WeightedMean([.. scores.Select(score => (score.Value, score.Size))]),
                StandardError = Statistics.PooledError([.. scores.Select(score => (score.Error, score.Size))]),
            }
            : like with
            {
                Value = Statistics.Mean([.. scores.Select(score => score.Value)]),
                StandardError = Statistics.ErrorOfPlainMean([.. scores.Select(score => score.Error)]),
            };
    }

    private readonly record struct Part(string Name, int N, IReadOnlyDictionary<string, MetricScore> Metrics);
}
