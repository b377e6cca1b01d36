using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Evals.Reporting;

namespace Factory.Evals.Tests.Commands;

public sealed class MergeCommandTests(BundleFixture bundles) : IDisposable
{
    private const string Tasks = "arc_easy,lambada_openai,mmlu_philosophy,piqa";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Two_shards_merged_are_the_report_of_one_run()
    {
        await RunAsync("whole.json");
        await RunAsync("one.json", "--shard", "1/2");
        await RunAsync("two.json", "--shard", "2/2", "--cache", "none");
        EvalsProcess merge = await EvalsProcess.RunAsync(_folder.Path, "", "merge", "--inputs", "two.json,one.json", "--output", "merged.json", "--bootstrap-iterations", "2000");
        Assert.Equal("", merge.ExitCode == 0 ? "" : merge.Errors);
        Assert.Equal(WithoutDate("whole.json"), WithoutDate("merged.json"));
        Assert.Equal(File.ReadAllLines(_folder.At("whole.samples.jsonl")), File.ReadAllLines(_folder.At("merged.samples.jsonl")));
        Assert.Equal("2/2", ReportWithSamples.Read(_folder.At("two.json")).Report.Shard);
    }

    [Fact]
    public async Task What_is_missing_is_named()
    {
        await RunAsync("one.json", "--shard", "1/2");
        await AssertRefusedAsync("--inputs: expected each of the 2 parts once, found 1/2.", "merge", "--inputs", "one.json", "--output", "merged.json");
        await AssertRefusedAsync("--inputs: expected each of the 2 parts once, found 1/2, 1/2.", "merge", "--inputs", "one.json,./one.json", "--output", "merged.json");
        await AssertRefusedAsync("--shard: expected i/n with i from 1 to n, such as 1/2, found '3/2'.", "run", "--shard", "3/2");
        Assert.False(File.Exists(_folder.At("merged.json")));
    }

    public void Dispose() => _folder.Dispose();

    private async Task RunAsync(string output, params string[] more)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(
            _folder.Path, "", ["run", "--model", bundles.Tiny, "--tasks", Tasks, "--limit", "7", "--bootstrap-iterations", "2000", "--output", output, .. more]);
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
    }

    private async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(expected, run.Errors.TrimEnd());
    }

    private string WithoutDate(string name)
    {
        JsonObject report = JsonNode.Parse(File.ReadAllText(_folder.At(name)))!.AsObject();
        report.Remove("date");
        report.Remove("samples");
        return report.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }
}
