using System.Globalization;
using Factory.Evals.Scoring;
using Spectre.Console;

namespace Factory.Evals.Reporting;

/// <summary>A report as a table for people: task, n, shots, metric, value ± standard error.</summary>
internal static class ReportTable
{
    public static Table For(EvaluationReport report)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn("task").AddColumn(Right("n")).AddColumn(Right("shots")).AddColumn("metric").AddColumn(Right("value")).AddColumn("± stderr");
        foreach (TaskReport task in report.Tasks)
        {
            Add(table, task.Name, task.N, task.NumFewshot, task.Metrics);
        }
        foreach (GroupReport group in report.Groups)
        {
            Add(table, $"{group.Name} ({group.Tasks.Count} tasks)", group.N, group.NumFewshot, group.Metrics);
        }
        return table;
    }

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private static void Add(Table table, string name, int n, int shots, IReadOnlyDictionary<string, MetricScore> metrics)
    {
        bool first = true;
        foreach ((string metric, MetricScore score) in metrics)
        {
            table.AddRow(
                Markup.Escape(first ? name : ""),
                first ? n.ToString(CultureInfo.InvariantCulture) : "",
                first ? shots.ToString(CultureInfo.InvariantCulture) : "",
                $"{metric} {(score.HigherIsBetter ? "↑" : "↓")}",
                Number(score.Value),
                score.StandardError is double error ? $"± {Number(error)}" : "");
            first = false;
        }
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) < 1e6 ? "0.0000" : "0.0000e+0", CultureInfo.InvariantCulture);
}
