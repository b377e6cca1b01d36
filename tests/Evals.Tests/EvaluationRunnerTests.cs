using System.Globalization;
using System.Text.Json;
using Factory.Evals.Reporting;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tests;

public sealed class EvaluationRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_group_is_the_mean_over_all_documents_of_its_tasks_and_each_task_runs_once()
    {
        WriteMmlu();
        EvaluationReport report = Run(["mmlu_anatomy", "mmlu"]);
        Assert.Equal(57, report.Tasks.Count);
        Assert.Equal(["mmlu", "mmlu_stem", "mmlu_humanities", "mmlu_social_sciences", "mmlu_other"], report.Groups.Select(group => group.Name));
        GroupReport all = report.Groups[0];
        Assert.Equal(report.Tasks.Sum(task => task.N), all.N);
        double hits = report.Tasks.Sum(task => task.Metrics["acc"].Value * task.N);
        Assert.Equal(hits / all.N, all.Metrics["acc"].Value, 1e-12);
        double pooled = report.Tasks.Sum(task => (task.N - 1) * Math.Pow(task.Metrics["acc"].StandardError!.Value, 2) * task.N) / (all.N - 57);
        Assert.Equal(Math.Sqrt(pooled / all.N), all.Metrics["acc"].StandardError!.Value, 1e-12);
        Assert.Equal(19, report.Groups[1].Tasks.Count);
    }

    [Fact]
    public void Progress_counts_the_questions_of_all_tasks()
    {
        var seen = new List<EvaluationProgress>();
        EvaluationRunner.Run(
            new DrawnModel(), new EvaluationOptions { Tasks = ["piqa", "boolq"], Limit = 2 }, new Recorder(seen), TestContext.Current.CancellationToken);
        Assert.Equal([("piqa", 0), ("piqa", 1), ("piqa", 2), ("piqa", 3), ("piqa", 4), ("boolq", 4), ("boolq", 5), ("boolq", 6), ("boolq", 7), ("boolq", 8)],
            seen.Select(step => (step.Task, step.Done)));
        Assert.All(seen, step => Assert.Equal(8, step.Total));
    }

    [Fact]
    public void A_report_says_where_it_comes_from_and_reads_back()
    {
        EvaluationReport report = Run(["winogrande"], limit: 5);
        report.Write(_folder.At("deep", "report.json"));
        EvaluationReport read = JsonSerializer.Deserialize(File.ReadAllText(_folder.At("deep", "report.json")), EvaluationJson.Default.EvaluationReport)!;
        Assert.Equal(new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero), read.Date);
        Assert.Equal("sample", read.Data);
        Assert.Equal(5, read.Limit);
        TaskReport task = Assert.Single(read.Tasks);
        Assert.Equal(5, task.N);
        Assert.Equal(64, task.RequestSha256.Length);
        Assert.Equal("winogrande/dev.jsonl", Assert.Single(task.DataSha256).Key);
        Assert.Equal(report.Tasks[0].Metrics["acc"].Value, task.Metrics["acc"].Value);
        Assert.Equal([_folder.At("deep", "report.json")], Directory.EnumerateFileSystemEntries(_folder.At("deep")));
    }

    [Fact]
    public void An_infinite_perplexity_is_written_and_a_single_document_has_no_error()
    {
        EvaluationReport report = Run(["piqa"], limit: 1);
        Assert.Null(report.Tasks[0].Metrics["acc"].StandardError);
        EvaluationReport infinite = report with
        {
            Tasks = [report.Tasks[0] with { Metrics = new Dictionary<string, MetricScore> { ["perplexity"] = new("perplexity", double.PositiveInfinity, null, false) } }],
        };
        infinite.Write(_folder.At("report.json"));
        Assert.Equal("Infinity", JsonElement.Parse(File.ReadAllText(_folder.At("report.json"))).GetProperty("tasks")[0].GetProperty("metrics").GetProperty("perplexity").GetProperty("value").GetString());
    }

    public void Dispose() => _folder.Dispose();

    private EvaluationReport Run(IReadOnlyList<string> tasks, int? limit = null) => EvaluationRunner.Run(
        new DrawnModel(),
        new EvaluationOptions { Tasks = tasks, Limit = limit, DataDirectory = Directory.Exists(_folder.At("mmlu")) ? _folder.Path : null, Clock = new FixedClock() },
        progress: null,
        TestContext.Current.CancellationToken);

    /// <summary>Every subject with 2 to 8 questions.</summary>
    private void WriteMmlu()
    {
        Directory.CreateDirectory(_folder.At("mmlu", "data", "test"));
        foreach ((int index, Evals.Tasks.ScoredTask task) in EvaluationTasks.Find("mmlu").Leaves.Index())
        {
            File.WriteAllLines(_folder.At(task.DataPath), Enumerable.Range(0, 2 + (index % 7)).Select(row =>
                string.Create(CultureInfo.InvariantCulture, $"question {row},a,b,c,d,{"ABCD"[(index + row) % 4]}")));
        }
    }

    private sealed class Recorder(List<EvaluationProgress> seen) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => seen.Add(value);
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2020, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
