using System.Globalization;
using Factory.Evals.Gates;
using Factory.Evals.Reporting;
using Factory.Evals.Scoring;

namespace Factory.Evals.Pages;

/// <summary>Models down, tasks and metrics across: every score of several reports in one grid.</summary>
internal sealed class ScoreGrid
{
    private ScoreGrid(IReadOnlyList<Column> columns, IReadOnlyList<Line> lines) => (Columns, Lines) = (columns, lines);

    public IReadOnlyList<Column> Columns { get; }

    public IReadOnlyList<Line> Lines { get; }

    public static ScoreGrid FromReports(IReadOnlyList<ReportWithSamples> reports)
    {
        Column[] columns = [.. reports.SelectMany(ColumnsOf).Distinct()];
        return new ScoreGrid(columns, [.. reports.Select((report, index) => new Line(Name(reports, index), [.. columns.Select(column => Score(report.Report, column))]))]);
    }

    /// <summary>Whether <paramref name="score"/> is the best of its column; of one model none is.</summary>
    public bool IsBest(int column, MetricScore score) =>
        Lines.Count > 1 && double.IsFinite(score.Value)
        && Lines.Select(line => line.Scores[column]).OfType<MetricScore>().All(other => !double.IsFinite(other.Value) || (score.HigherIsBetter ? score.Value >= other.Value : score.Value <= other.Value));

    public static string Text(MetricScore? score) => score is null ? "–"
        : double.IsFinite(score.Value)
            ? Number(score.Value) + (score.StandardError is double error ? $" ± {Number(error)}" : "")
            : "no number";

    /// <summary>The model's name; where several reports have one name, with the file's.</summary>
    internal static string Name(IReadOnlyList<ReportWithSamples> reports, int index)
    {
        string name = reports[index].Report.Model.Name;
        return reports.Count(other => other.Report.Model.Name == name) > 1 ? $"{name} ({Path.GetFileNameWithoutExtension(reports[index].Path)})" : name;
    }

    private static IEnumerable<Column> ColumnsOf(ReportWithSamples report) =>
    [
        .. report.Report.Groups.SelectMany(group => group.Metrics.Values.Take(1).Select(score => new Column(group.Name, score.Name, group.NumFewshot, score.HigherIsBetter, group.N))),
        .. report.Report.Tasks.Where(task => !report.Report.Groups.Any(group => group.Tasks.Count > 8 && group.Tasks.Contains(task.Name)))
            .SelectMany(task => Comparison.MainMetrics(task).Append("acc_norm").Where(task.Metrics.ContainsKey).Select(metric =>
                new Column(task.Name, metric, task.NumFewshot, task.Metrics[metric].HigherIsBetter, task.N))),
    ];

    private static MetricScore? Score(EvaluationReport report, Column column) =>
        report.Tasks.FirstOrDefault(task => task.Name == column.Task && task.NumFewshot == column.Shots && task.N == column.N)?.Metrics.GetValueOrDefault(column.Metric)
        ?? report.Groups.FirstOrDefault(group => group.Name == column.Task && group.NumFewshot == column.Shots && group.N == column.N)?.Metrics.GetValueOrDefault(column.Metric);

    private static string Number(double value) => value.ToString(Math.Abs(value) < 1e5 ? "0.0000" : "0.00e0", CultureInfo.InvariantCulture);

    /// <param name="N">Documents: scores over different numbers of them stand in different columns.</param>
    public sealed record Column(string Task, string Metric, int Shots, bool HigherIsBetter, int N)
    {
        public string Header => $"{Task} {Metric} {(HigherIsBetter ? "↑" : "↓")}{(Shots > 0 ? $", {Shots} shots" : "")} (n {N})";
    }

    public sealed record Line(string Name, IReadOnlyList<MetricScore?> Scores);
}
