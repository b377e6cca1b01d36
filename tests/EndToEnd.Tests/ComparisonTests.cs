using System.Text.Json;

namespace Factory.EndToEnd.Tests;

/// <summary>A comparison's last stage, in which the Trainer starts the Exporter and Evals.</summary>
public sealed class ComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string[] Arguments(string data) =>
    [
        "compare", "--methods", "lns", "--output", "out", "--blocks", "2", "--hidden-size", "16", "--intermediate-size", "24", "--sequence-length", "256", "--batch-size", "2",
        "--steps", "4", "--eval-every", "4", "--eval-tokens", "200", "--threads", "1", "--precision", "fp32", "--kernels", "plain",
        "--finetune", "rows.jsonl", "--finetune-method", "lora", "--finetune-epochs", "1", "--evaluate", data, "--evaluate-limit", "1",
    ];

    [Fact]
    public async Task Models_are_scored_on_the_seven_tasks_before_and_after_tuning_and_not_again()
    {
        await WriteRowsAsync();
        string data = Path.GetDirectoryName(GoldenData.At("boolq"))!;

        string table = await Executable.SucceedAsync(Executable.Trainer, _folder.Path, Arguments(data));

        Assert.Contains("| method | tuned | mmlu | boolq | arc_easy | piqa | hellaswag | openbookqa | winogrande | average |", table, StringComparison.Ordinal);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.At("out", "compare.json"), TestContext.Current.CancellationToken));
        JsonElement[] runs = [.. report.RootElement.GetProperty("score_runs").EnumerateArray()];
        Assert.Equal(["lns-seed1", "lns-seed1-lora"], runs.Select(run => run.GetProperty("run").GetString()));
        foreach (JsonElement run in runs)
        {
            using JsonDocument scores = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.At("out", "reports", $"{run.GetProperty("run").GetString()}.json"), TestContext.Current.CancellationToken));
            JsonElement expected = scores.RootElement.GetProperty("groups").EnumerateArray().Single(group => group.GetProperty("name").GetString() == "paper");
            Assert.Equal(expected.GetProperty("metrics").GetProperty("acc").GetProperty("value").GetDouble(), run.GetProperty("accuracy").GetProperty("average").GetDouble());
        }
        Assert.True(File.Exists(_folder.At("out", "table3", "index.html")));

        DateTime scored = LastWrite("reports");
        DateTime exported = LastWrite("models");
        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, Arguments(data));
        Assert.Equal((scored, exported), (LastWrite("reports"), LastWrite("models")));
    }

    [Fact]
    public async Task Data_that_is_not_there_is_named_before_anything_is_trained()
    {
        await WriteRowsAsync();
        Outcome outcome = await Executable.RunAsync(Executable.Trainer, _folder.Path, Arguments("nowhere"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--evaluate: expected a folder with data sets", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out", "lns-seed1")));
    }

    public void Dispose() => _folder.Dispose();

    private Task WriteRowsAsync() => File.WriteAllLinesAsync(
        _folder.At("rows.jsonl"), Enumerable.Range(0, 12).Select(i => $$"""{"instruction":"Is {{i}} even?","output":"{{(i % 2 == 0 ? "yes" : "no")}}"}"""), TestContext.Current.CancellationToken);

    /// <summary>Of whatever a run makes; the cache of responses and its locks apart.</summary>
    private DateTime LastWrite(string part) => Directory.EnumerateFiles(_folder.At("out", part), "*.json*", SearchOption.AllDirectories).Max(File.GetLastWriteTimeUtc);
}
