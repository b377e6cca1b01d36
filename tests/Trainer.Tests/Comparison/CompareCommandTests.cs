using System.Text.Json;
using Factory.Core.Journal;
using Factory.Trainer.Tests.Commands;

namespace Factory.Trainer.Tests.Comparison;

/// <summary>The command as a user starts it.</summary>
public sealed class CompareCommandTests
{
    private static readonly string[] Small =
    [
        "compare", "--methods", "pre,lns", "--seeds", "2", "--output", "out", "--blocks", "2", "--hidden-size", "16", "--intermediate-size", "24", "--sequence-length", "16", "--batch-size", "2",
        "--steps", "12", "--eval-every", "4", "--eval-tokens", "200", "--save-every", "4",
    ];

    [Fact]
    public async Task A_comparison_that_is_killed_goes_on_touches_nothing_that_is_finished_and_ends_in_a_table_and_figures()
    {
        using var folder = new TemporaryFolder();
        using (TrainerProcess trainer = TrainerProcess.Start(folder.Path, Small))
        {
            await trainer.WaitForLinesAsync(6, "out", "lns-seed1", "metrics.jsonl");
            trainer.Kill();
            await trainer.EndAsync();
        }
        DateTime finished = Directory.EnumerateFiles(folder.At("out", "pre-seed1"), "*", SearchOption.AllDirectories).Max(File.GetLastWriteTimeUtc);
        (int exitCode, string table, string errors) = await TrainerProcess.RunAsync(folder.Path, Small);
        Assert.True(exitCode == 0, errors);
        Assert.Equal(finished, Directory.EnumerateFiles(folder.At("out", "pre-seed1"), "*", SearchOption.AllDirectories).Max(File.GetLastWriteTimeUtc));

        using JsonDocument report = JsonDocument.Parse(await File.ReadAllBytesAsync(folder.At("out", "compare.json"), TestContext.Current.CancellationToken));
        JsonElement[] arms = [.. report.RootElement.GetProperty("arms").EnumerateArray()];
        Assert.Equal(["pre", "pre", "lns", "lns"], arms.Select(arm => arm.GetProperty("method").GetString()));
        foreach (JsonElement arm in arms)
        {
            ValidationRecord last = JournalFile.Read(folder.At("out", arm.GetProperty("run").GetString()!)).OfType<ValidationRecord>().Last();
            Assert.Equal(last.Perplexity!.Value, arm.GetProperty("perplexity").GetDouble());
            Assert.Equal(12, last.Step);
        }
        double[] pre = [.. arms.Take(2).Select(arm => arm.GetProperty("perplexity").GetDouble())];
        JsonElement method = report.RootElement.GetProperty("methods")[0];
        Assert.Equal(pre.Average(), method.GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.Equal(Math.Abs(pre[0] - pre[1]) / Math.Sqrt(2), method.GetProperty("spread").GetDouble(), 1e-9);
        Assert.Contains("| lns |", table, StringComparison.Ordinal);
        Assert.Contains("| lns |", await File.ReadAllTextAsync(folder.At("out", "compare.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (string figure in new[] { "perplexity", "loss", "variance_over_depth", "variance_over_training_pre", "variance_over_training_lns" })
        {
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(folder.At("out", $"{figure}.png"), TestContext.Current.CancellationToken))[..4]);
            Assert.Contains("<svg", await File.ReadAllTextAsync(folder.At("out", $"{figure}.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        (exitCode, _, errors) = await TrainerProcess.RunAsync(folder.Path, [.. Small.Select(word => word == "24" ? "25" : word)]);
        Assert.Equal(2, exitCode);
        Assert.Contains("--intermediate-size: the run was started with 24, found 25", errors, StringComparison.Ordinal);

        (exitCode, string plotted, errors) = await TrainerProcess.RunAsync(folder.Path, "plot", "out", "--output", "figures");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("of 4 runs", plotted, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.At("figures", "variance_over_training_lns-seed2.svg")));
    }

    [Theory]
    [InlineData("compare", "--methods", "pre,lms", "--methods: expected some of pre", "found 'lms'")]
    [InlineData("compare", "--seeds", "0", "--seeds: expected a whole number from 1", "found 0")]
    [InlineData("plot", "nowhere", "--output=x", "nowhere: expected a run's directory", "found nothing there")]
    public async Task What_cannot_be_compared_or_drawn_is_said_in_one_line(string command, string option, string value, string expected, string found)
    {
        using var folder = new TemporaryFolder();
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, command, option, value);
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Contains(found, errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }
}
