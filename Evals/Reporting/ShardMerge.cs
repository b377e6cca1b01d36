using Factory.Core;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Reporting;

/// <summary>Makes of the reports of all shards the report that one run over everything gives.</summary>
internal static class ShardMerge
{
    /// <exception cref="UserError">Parts are missing, met twice, without samples, or of different evaluations.</exception>
    public static ReportWithSamples Merge(IReadOnlyList<ReportWithSamples> parts, int bootstrapIterations, TimeProvider clock, CancellationToken cancellationToken)
    {
        ReportWithSamples[] ordered = Order(parts);
        EvaluationReport first = ordered[0].Report;
        foreach (ReportWithSamples part in ordered)
        {
            RequireSame(ordered[0], part);
        }
        var rows = new List<SampleRow>();
        var tasks = new List<TaskReport>();
        foreach (TaskReport task in first.Tasks)
        {
            SampleRow[] own = [.. ordered.SelectMany(part => part.Rows).Where(row => row.Task == task.Name).OrderBy(row => row.Doc)];
            RequireAll(ordered, task, own);
            rows.AddRange(own);
            var definition = (ScoredTask)EvaluationTasks.Find(task.Name);
            tasks.Add(task with
            {
                N = own.Length,
                Metrics = definition.Metrics.ToDictionary(metric => metric.Name, metric => metric.Score([.. own.Select(row => row.Measured(metric.Name))], bootstrapIterations, cancellationToken)),
            });
        }
        return new ReportWithSamples("", first with
        {
            Date = clock.GetUtcNow(),
            Shard = null,
            Samples = null,
            Tasks = tasks,
            Groups = [.. first.Groups.Select(group => GroupReport.From((TaskGroup)EvaluationTasks.Find(group.Name), tasks))],
        }, rows);
    }

    private static ReportWithSamples[] Order(IReadOnlyList<ReportWithSamples> parts)
    {
        (ReportWithSamples Part, Shard Shard)[] shards = [.. parts.Select(part => (part, Shard.Parse(
            part.Report.Shard ?? throw new UserError($"{part.Path}: expected the report of a part (--shard i/n), found one of everything."))))];
        int count = shards[0].Shard.Count;
        int[] found = [.. shards.Select(item => item.Shard.Index).Order()];
        return shards.All(item => item.Shard.Count == count) && found.SequenceEqual(Enumerable.Range(1, count))
            ? [.. shards.OrderBy(item => item.Shard.Index).Select(item => item.Part)]
            : throw new SettingError("inputs", $"expected each of the {count} parts once, found {string.Join(", ", shards.Select(item => item.Shard))}.");
    }

    private static void RequireSame(ReportWithSamples first, ReportWithSamples part)
    {
        string? different =
            part.Report.Model != first.Report.Model ? "model" :
            part.Report.Limit != first.Report.Limit ? "limit" :
            !part.Report.Tasks.Select(task => (task.Name, task.Version, task.NumFewshot, task.RequestSha256)).SequenceEqual(
                first.Report.Tasks.Select(task => (task.Name, task.Version, task.NumFewshot, task.RequestSha256))) ? "tasks, shots or questions" :
            null;
        if (different is not null)
        {
            throw new UserError($"{part.Path}: expected a part of the same evaluation as {first.Path}, found another {different}.");
        }
    }

    private static void RequireAll(ReportWithSamples[] parts, TaskReport task, SampleRow[] rows)
    {
        int expected = parts.Sum(part => part.Report.Tasks.Single(other => other.Name == task.Name).N);
        if (rows.Length != expected || rows.Index().Any(item => item.Item.Doc != item.Index))
        {
            throw new UserError($"{task.Name}: expected the samples of its {expected} documents beside the reports ({ReportFiles.SamplesPath("NAME.json")}), found {rows.Length}.");
        }
    }
}
