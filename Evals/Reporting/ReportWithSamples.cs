using System.Text.Json;
using Factory.Core;

namespace Factory.Evals.Reporting;

/// <summary>A report that was read back, with what was found in every document where that lies beside it.</summary>
/// <param name="Path">Where it was read.</param>
/// <param name="Rows">Empty where there are none.</param>
public sealed record ReportWithSamples(string Path, EvaluationReport Report, IReadOnlyList<SampleRow> Rows)
{
    /// <exception cref="UserError">It is no report, or its samples are damaged.</exception>
    public static ReportWithSamples Read(string path)
    {
        EvaluationReport report = ReadReport(path);
        string? samples = report.Samples is string name ? System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", name) : null;
        return new ReportWithSamples(path, report, samples is not null && File.Exists(samples) ? ReadRows(samples) : []);
    }

    /// <summary>The rows of a task, by document.</summary>
    public IReadOnlyDictionary<int, SampleRow> RowsOf(string task) => Rows.Where(row => row.Task == task).ToDictionary(row => row.Doc);

    private static EvaluationReport ReadReport(string path)
    {
        try
        {
            EvaluationReport report = JsonSerializer.Deserialize(Bytes(path), EvaluationJson.Default.EvaluationReport) ?? throw new JsonException("null");
            return report.FormatVersion == 1 ? Named(Whole(report)) : throw new UserError($"{path}: expected a report of format version 1, found {report.FormatVersion}. It was written by another version of Factory.");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected a report of 'Evals run', found: {error.Message}", error);
        }
    }

    private static SampleRow[] ReadRows(string path)
    {
        var file = new Data.DataFile("", path);
        return [.. file.Lines().Select(line =>
        {
            try
            {
                return JsonSerializer.Deserialize(line.Text, SampleRowJson.Default.SampleRow) ?? throw new JsonException("null");
            }
            catch (JsonException error)
            {
                throw file.Malformed(line.Number, "a sample of 'Evals run'", error.Message.TrimEnd('.'), error);
            }
        })];
    }

    private static ReadOnlySpan<byte> Bytes(string path)
    {
        ReadOnlySpan<byte> bytes = new Data.DataFile("", path).Bytes.Span;
        return bytes.StartsWith(System.Text.Encoding.UTF8.Preamble) ? bytes[System.Text.Encoding.UTF8.Preamble.Length..] : bytes;
    }

    /// <exception cref="JsonException">A null stands where none may, or a count below zero.</exception>
    private static EvaluationReport Whole(EvaluationReport report)
    {
        (string Key, bool IsWhole)[] parts =
        [
            ("model", report.Model is not null),
            ("data", report.Data is not null),
            ("packages", report.Packages is not null),
            ("tasks", report.Tasks?.All(task => task is { Name: not null, N: >= 0, RequestSha256: not null, DataSha256: not null } && AreWhole(task.Metrics)) == true),
            ("groups", report.Groups?.All(group => group is { Name: not null, N: >= 0, Tasks: not null } && AreWhole(group.Metrics)) == true),
        ];
        return parts.FirstOrDefault(part => !part.IsWhole).Key is string key ? throw new JsonException($"a null or a count below zero in '{key}'") : report;

        static bool AreWhole(IReadOnlyDictionary<string, Scoring.MetricScore> metrics) => metrics?.Values.All(metric => metric is not null) == true;
    }

    /// <summary>In JSON a metric's name is its key only.</summary>
    private static EvaluationReport Named(EvaluationReport report) => report with
    {
        Tasks = [.. report.Tasks.Select(task => task with { Metrics = task.Metrics.ToDictionary(metric => metric.Key, metric => metric.Value with { Name = metric.Key }) })],
        Groups = [.. report.Groups.Select(group => group with { Metrics = group.Metrics.ToDictionary(metric => metric.Key, metric => metric.Value with { Name = metric.Key }) })],
    };
}
