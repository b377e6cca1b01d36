using System.Globalization;
using System.Text.Json;
using Factory.Evals.Reporting;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests;

public sealed class EvaluationRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_group_is_the_mean_over_all_documents_of_its_tasks_and_each_task_runs_once()
    {
        WriteMmlu();
        EvaluationReport report = await RunAsync(["mmlu_anatomy", "mmlu"]);
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
    public async Task Progress_counts_the_questions_of_all_tasks()
    {
        var seen = new List<EvaluationProgress>();
        var options = new EvaluationOptions { Tasks = ["piqa", "boolq"], Limit = 2 };
        await EvaluationRunner.RunAsync(new DrawnModel(), EvaluationPlan.From(options), new Recorder(seen), TestContext.Current.CancellationToken);
        Assert.Equal([("piqa", 0), ("piqa", 1), ("piqa", 2), ("piqa", 3), ("piqa", 4), ("boolq", 4), ("boolq", 5), ("boolq", 6), ("boolq", 7), ("boolq", 8)],
            seen.Select(step => (step.Task, step.Done)));
        Assert.All(seen, step => Assert.Equal(8, step.Total));
    }

    [Fact]
    public async Task A_report_says_where_it_comes_from_and_reads_back()
    {
        EvaluationReport report = await RunAsync(["winogrande"], limit: 5);
        Write(report, _folder.At("deep", "report.json"));
        EvaluationReport read = JsonSerializer.Deserialize(File.ReadAllText(_folder.At("deep", "report.json")), EvaluationJson.Default.EvaluationReport)!;
        Assert.Equal(new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero), read.Date);
        Assert.Equal("sample", read.Data);
        Assert.Equal(5, read.Limit);
        TaskReport task = Assert.Single(read.Tasks);
        Assert.Equal(5, task.N);
        Assert.Equal(64, task.RequestSha256.Length);
        Assert.Equal("winogrande/dev.jsonl", Assert.Single(task.DataSha256).Key);
        Assert.Equal(report.Tasks[0].Metrics["acc"].Value, task.Metrics["acc"].Value);
        Assert.Equal([_folder.At("deep", "report.json"), _folder.At("deep", "report.samples.jsonl")], Directory.EnumerateFileSystemEntries(_folder.At("deep")).Order());
    }

    [Fact]
    public async Task A_number_that_JSON_cannot_hold_is_null_and_a_single_document_has_no_error()
    {
        EvaluationReport report = await RunAsync(["piqa", "lambada_openai"], limit: 1);
        Assert.All(report.Tasks.SelectMany(task => task.Metrics.Values), score => Assert.Null(score.StandardError));
        EvaluationReport infinite = report with
        {
            Tasks = [report.Tasks[0] with { Metrics = new Dictionary<string, MetricScore> { ["perplexity"] = new("perplexity", double.PositiveInfinity, null, false) } }],
        };
        Write(infinite, _folder.At("report.json"));
        JsonElement written = JsonElement.Parse(File.ReadAllText(_folder.At("report.json")));
        Assert.Equal(JsonValueKind.Null, written.GetProperty("tasks")[0].GetProperty("metrics").GetProperty("perplexity").GetProperty("value").ValueKind);
        Assert.True(double.IsNaN(ReportWithSamples.Read(_folder.At("report.json")).Report.Tasks[0].Metrics["perplexity"].Value));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<EvaluationReport> RunAsync(IReadOnlyList<string> tasks, double? limit = null) => (await EvaluationRunner.RunAsync(
        new DrawnModel(),
        EvaluationPlan.From(new EvaluationOptions { Tasks = tasks, Limit = limit, DataDirectory = Directory.Exists(_folder.At("mmlu")) ? _folder.Path : null, Clock = new FixedClock() }),
        progress: null,
        TestContext.Current.CancellationToken)).Report;

    private static void Write(EvaluationReport report, string path)
    {
        using ReportFiles files = ReportFiles.Create(path);
        files.Write(report, []);
    }

    /// <summary>Every subject with 2 to 8 questions.</summary>
    private void WriteMmlu()
    {
        Directory.CreateDirectory(_folder.At("mmlu", "data", "test"));
        foreach ((int index, ScoredTask task) in EvaluationTasks.Find("mmlu").Leaves.Index())
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
