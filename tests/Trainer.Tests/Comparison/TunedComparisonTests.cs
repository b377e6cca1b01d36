using System.Text.Json.Nodes;
using Factory.Core.Journal;
using Factory.Trainer.Tests.Commands;

namespace Factory.Trainer.Tests.Comparison;

/// <summary><c>compare --finetune</c> as a user starts it.</summary>
public sealed class TunedComparisonTests
{
    private static readonly string[] Small =
    [
        "compare", "--methods", "pre,lns", "--blocks", "2", "--hidden-size", "16", "--intermediate-size", "24", "--sequence-length", "16", "--batch-size", "2",
        "--steps", "6", "--eval-every", "3", "--eval-tokens", "200", "--save-every", "3", "--threads", "1", "--precision", "fp32", "--kernels", "plain",
    ];

    private static readonly string[] Tuned =
    [
        .. Small, "--finetune", "rows.jsonl", "--finetune-method", "full,lisa,lora", "--finetune-config", "tuning.json", "--finetune-epochs", "2", "--finetune-template", "plain",
        "--finetune-batch-size", "4", "--finetune-sequence-length", "32", "--finetune-eval-every", "6", "--finetune-save-every", "4", "--finetune-lisa-blocks", "1", "--finetune-validation-fraction", "0.3",
    ];

    [Fact]
    public async Task A_comparison_with_fine_tuning_that_is_killed_in_it_ends_in_the_numbers_of_one_that_is_not()
    {
        using TemporaryFolder folder = await WithRowsAsync();
        (int exitCode, string table, string errors) = await TrainerProcess.RunAsync(folder.Path, [.. Tuned, "--output", "whole"]);
        Assert.True(exitCode == 0, errors);

        using (TrainerProcess trainer = TrainerProcess.Start(folder.Path, [.. Tuned, "--output", "killed"]))
        {
            await trainer.WaitForLinesAsync(8, "killed", "lns-seed1-lisa", "metrics.jsonl");
            trainer.Kill();
            await trainer.EndAsync();
        }
        string[] before = Directory.GetDirectories(folder.At("killed"));
        Assert.Contains(folder.At("killed", "lns-seed1-lisa"), before);
        Assert.DoesNotContain(folder.At("killed", "lns-seed1-lora"), before);
        DateTime finished = LastWrite(folder.At("killed", "pre-seed1-full"));
        (exitCode, _, errors) = await TrainerProcess.RunAsync(folder.Path, [.. Tuned, "--output", "killed"]);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(finished, LastWrite(folder.At("killed", "pre-seed1-full")));
        JsonNode report = await ReportAsync(folder.At("whole"));
        Assert.Equal(report.ToJsonString(), (await ReportAsync(folder.At("killed"))).ToJsonString());

        JsonArray runs = report["tuning_runs"]!.AsArray();
        Assert.Equal(["pre full", "pre lisa", "pre lora", "lns full", "lns lisa", "lns lora"], runs.Select(run => $"{run!["method"]} {run["tuning"]}"));
        foreach (JsonNode? run in runs)
        {
            ValidationRecord last = JournalFile.Read(folder.At("whole", run!["run"]!.GetValue<string>())).OfType<ValidationRecord>().Last();
            Assert.Equal((last.Loss, last.AnswerAccuracy), (run["loss"]!.GetValue<double>(), run["answer_accuracy"]!.GetValue<double>()));
        }
        // The file's rate is that of all but lora, which has a section of its own.
        Assert.Equal([0.01, 0.01, 0.03], new[] { "full", "lisa", "lora" }.Select(tuning => JournalFile.ReadHeader(folder.At("whole", $"pre-seed1-{tuning}"))!.Recipe.GetProperty("schedule").GetProperty("learning_rate").GetDouble()));
        Assert.Contains("| lns | lora |", table, StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(folder.At("whole", "finetune_loss.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // What was tuned on other rows, or by another recipe, is not taken for the same.
        await File.AppendAllTextAsync(folder.At("rows.jsonl"), """{"instruction":"Another?","input":"","output":"yes"}""" + "\n", TestContext.Current.CancellationToken);
        (exitCode, _, errors) = await TrainerProcess.RunAsync(folder.Path, [.. Tuned, "--output", "whole"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("--finetune: the run in whole", errors, StringComparison.Ordinal);
        await WriteRowsAsync(folder);
        (exitCode, _, errors) = await TrainerProcess.RunAsync(folder.Path, [.. Tuned, "--finetune-learning-rate", "0.02", "--output", "whole"]);
        Assert.Equal(2, exitCode);
        Assert.Contains("--finetune-learning-rate: the run was started with 0.01, found 0.02", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.json: expected a file of instructions, found no such file", "--finetune", "none.json")]
    [InlineData("--finetune-method: expected some of full, lisa, lora, with commas between them, found 'dora'", "--finetune", "rows.jsonl", "--finetune-method", "full,dora")]
    [InlineData("--finetune-epochs: expected a positive number, found 0", "--finetune", "rows.jsonl", "--finetune-epochs", "0")]
    [InlineData("--finetune-epochs: expected", "--finetune", "rows.jsonl", "--finetune-epochs", "many")]
    [InlineData("--finetune-warmup-steps: expected less than the steps", "--finetune", "rows.jsonl", "--finetune-warmup-steps", "1000")]
    [InlineData("--finetune: expected instructions to tune on beside --finetune-epochs, found none", "--finetune-epochs", "2")]
    [InlineData("--finetune: expected rows to train on, found none of 40", "--finetune", "rows.jsonl", "--finetune-sequence-length", "2")]
    [InlineData("wrong.json: lora: lora_rnk: expected a setting of a recipe, found an unknown one", "--finetune", "rows.jsonl", "--finetune-config", "wrong.json")]
    [InlineData("--evaluate: expected a folder of data beside --evaluate-limit 5, found none", "--evaluate-limit", "5")]
    [InlineData("--evaluate-limit: expected a number of documents", "--evaluate", "data", "--evaluate-limit", "-1")]
    public async Task What_cannot_be_tuned_is_said_in_one_line_before_anything_is_trained(string expected, params string[] options)
    {
        using TemporaryFolder folder = await WithRowsAsync();
        await File.WriteAllTextAsync(folder.At("wrong.json"), """{"lora":{"lora_rnk":4}}""", TestContext.Current.CancellationToken);
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, [.. Small, "--output", "out", .. options]);
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("out", "pre-seed1")));
    }

    private static async Task<TemporaryFolder> WithRowsAsync()
    {
        var folder = new TemporaryFolder();
        await WriteRowsAsync(folder);
        await File.WriteAllTextAsync(folder.At("tuning.json"), """{"learning_rate":0.01,"lora":{"learning_rate":0.03}}""", TestContext.Current.CancellationToken);
        return folder;
    }

    private static Task WriteRowsAsync(TemporaryFolder folder) => File.WriteAllLinesAsync(
        folder.At("rows.jsonl"),
        Enumerable.Range(0, 40).Select(i => $$"""{"instruction":"Is {{i}} even?","input":"","output":"{{(i % 2 == 0 ? "yes" : "no")}}"}"""),
        TestContext.Current.CancellationToken);

    private static DateTime LastWrite(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Max(File.GetLastWriteTimeUtc);

    /// <summary>Without the speeds.</summary>
    private static async Task<JsonNode> ReportAsync(string folder)
    {
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "compare.json"), TestContext.Current.CancellationToken))!;
        foreach (JsonNode? run in new[] { "methods", "arms", "tuning_runs" }.SelectMany(list => report[list]!.AsArray()))
        {
            Assert.True(run!.AsObject().Remove("tokens_per_second"));
        }
        return report;
    }
}
