using System.Runtime.InteropServices;
using System.Text.Json;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Core.Journal;

namespace Factory.Trainer.Tests.Commands;

/// <summary>The command as a user starts it: real processes, real signals.</summary>
public sealed class PretrainCommandTests(UninterruptedRun whole) : IClassFixture<UninterruptedRun>
{
    private const int LinesBeforeTheEnd = 25;

    [Fact]
    public async Task A_run_killed_in_the_middle_resumes_to_the_same_losses_and_weights_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        using (TrainerProcess trainer = TrainerProcess.Start(folder.Path, UninterruptedRun.Arguments))
        {
            await trainer.WaitForLinesAsync(LinesBeforeTheEnd, "runs", "x", "metrics.jsonl");
            trainer.Kill();
            Assert.NotEqual(0, (await trainer.EndAsync()).ExitCode);
        }
        Assert.NotEmpty(CheckpointFolder.Steps(folder.At("runs", "x")));

        (int exitCode, string output, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume");
        Assert.Equal(0, exitCode);
        Assert.Contains("resumed from", errors, StringComparison.Ordinal);
        Assert.Contains("--project Exporter", output, StringComparison.Ordinal);
        AssertSameAsWhole(folder);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_run_killed_again_and_again_also_while_it_writes_a_checkpoint_ends_in_the_same_weights(int checkpoint)
    {
        using var folder = new TemporaryFolder();
        string checkpoints = folder.At("runs", "x", "checkpoints");
        for (int kill = 0; kill < 3; kill++)
        {
            using TrainerProcess trainer = TrainerProcess.Start(folder.Path, [.. UninterruptedRun.Arguments, "--resume"]);
            await trainer.WaitUntilAsync(() => Directory.Exists(checkpoints)
                && CheckpointFolder.Steps(folder.At("runs", "x")).Any(found => found.Step >= 10 * (checkpoint - 1)) == checkpoint > 1
                && Directory.EnumerateDirectories(checkpoints, "*.writing").Any());
            trainer.Kill();
            await trainer.EndAsync();
        }
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume");
        Assert.True(exitCode == 0, errors);
        AssertSameAsWhole(folder);
        Assert.Empty(Directory.EnumerateFileSystemEntries(checkpoints, "*.writing"));
    }

    [Fact]
    public async Task A_run_killed_before_its_first_checkpoint_starts_again_with_the_options_it_was_started_with()
    {
        using var folder = new TemporaryFolder();
        using (TrainerProcess trainer = TrainerProcess.Start(folder.Path, UninterruptedRun.Arguments))
        {
            await trainer.WaitForLinesAsync(LinesBeforeTheEnd, "runs", "x", "metrics.jsonl");
            trainer.Kill();
            await trainer.EndAsync();
        }
        Directory.Delete(folder.At("runs", "x", "checkpoints"), recursive: true);

        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume");
        Assert.Equal(0, exitCode);
        Assert.Contains("starting from the beginning", errors, StringComparison.Ordinal);
        AssertSameAsWhole(folder);
    }

    [Fact]
    public async Task A_run_whose_checkpoints_are_all_damaged_is_not_started_over()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await TrainerProcess.RunAsync(folder.Path, UninterruptedRun.Arguments)).ExitCode);
        string journal = await File.ReadAllTextAsync(folder.At("runs", "x", "metrics.jsonl"), TestContext.Current.CancellationToken);
        foreach ((_, string checkpoint) in CheckpointFolder.Steps(folder.At("runs", "x")))
        {
            await using FileStream weights = File.OpenWrite(Path.Combine(checkpoint, "model.safetensors"));
            weights.SetLength(1000);
        }
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume");
        Assert.Equal(2, exitCode);
        Assert.Contains("found damaged ones only", errors, StringComparison.Ordinal);
        Assert.Equal(journal, await File.ReadAllTextAsync(folder.At("runs", "x", "metrics.jsonl"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGHUP)]
    public async Task A_signal_saves_a_checkpoint_ends_with_130_and_says_how_to_go_on(PosixSignal signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill(2)");
        using var folder = new TemporaryFolder();
        using TrainerProcess trainer = TrainerProcess.Start(folder.Path, UninterruptedRun.Arguments);
        await trainer.WaitForLinesAsync(LinesBeforeTheEnd, "runs", "x", "metrics.jsonl");
        trainer.Signal(signal);
        (int exitCode, _, string errors) = await trainer.EndAsync();

        Assert.Equal(130, exitCode);
        Assert.Contains("pretrain --output runs/x --resume", errors, StringComparison.Ordinal);
        long stopped = CheckpointFolder.Steps(folder.At("runs", "x"))[^1].Step;
        Assert.Equal(stopped, JournalFile.Read(folder.At("runs", "x")).OfType<StepRecord>().Last().Step);
        Assert.False(File.Exists(folder.At("runs", "latest")));

        Assert.Equal(0, (await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume")).ExitCode);
        AssertSameAsWhole(folder);
    }

    [Fact]
    public async Task A_finished_run_is_the_latest_and_resuming_it_does_nothing()
    {
        Assert.Equal(whole.At("runs", "x"), LatestName.Read(whole.At("runs"), ""));
        (int exitCode, string output, _) = await TrainerProcess.RunAsync(whole.Path, "pretrain", "--output", "runs/x", "--resume");
        Assert.Equal(0, exitCode);
        Assert.Contains("is complete (40 steps)", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("constant")]
    [InlineData("wsd")]
    public async Task A_finished_run_of_a_schedule_without_an_end_in_sight_is_made_longer(string schedule)
    {
        string[] arguments = [.. UninterruptedRun.Arguments, "--schedule", schedule, "--decay-steps", "4"];
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await TrainerProcess.RunAsync(folder.Path, [.. arguments.Select(word => word == "40" ? "10" : word)])).ExitCode);
        (int exitCode, string output, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume", "--steps", "20");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("validation perplexity", output, StringComparison.Ordinal);
        StepRecord[] steps = [.. JournalFile.Read(folder.At("runs", "x")).OfType<StepRecord>()];
        Assert.Equal(Enumerable.Range(1, 20), steps.Select(step => (int)step.Step));
        // The peak of the schedule right after the steps of the first start.
        Assert.Equal(0.003, steps[10].Lr, 1e-12);
        (exitCode, _, errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume", "--steps", "15");
        Assert.Equal(2, exitCode);
        Assert.Contains("--steps: expected at least the 20 that are done, found 15.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_prints_a_recipe_that_config_takes_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        (int exitCode, string json, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--dry-run", "--recipe", "paper", "--preset", "130m", "--steps", "77");
        Assert.Equal(0, exitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Contains("memory: about", errors, StringComparison.Ordinal);
        Assert.Contains("131,072 an update at most", errors, StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.At("r.json"), json, TestContext.Current.CancellationToken);
        (_, string again, _) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--dry-run", "--config", "r.json");
        Assert.Equal(json, again);
    }

    [Fact]
    public async Task A_run_that_is_there_is_not_trained_over()
    {
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(whole.Path, UninterruptedRun.Arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains("--resume", errors, StringComparison.Ordinal);
        Assert.Contains("--output", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--seed", "2", "--seed: the run was started with 1, found 2.")]
    [InlineData("--norm", "pre", "--norm: the run was started with lns, found pre.")]
    [InlineData("--clip", "nan", "--clip: expected 0 (off) or a positive number, found NaN.")]
    [InlineData("--learning-rate", "nan", "--learning-rate: expected a positive number, found NaN.")]
    [InlineData("--threads", "-3", "--threads: expected a whole number from 0 to 4096, found -3.")]
    [InlineData("--max-time", "soon", "--max-time: expected a time such as 45s, 90m, 8h, 2d or 01:30:00, found 'soon'.")]
    [InlineData("--steps", "60", "--steps: the run was started with 40 and a cosine, whose every rate depends on them, found 60.")]
    [InlineData("--device", "tpu", "--device: expected auto, cpu, cuda or cuda:N, found 'tpu'.")]
    public async Task A_choice_that_does_not_fit_is_refused_by_name(string option, string value, string expected)
    {
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(whole.Path, "pretrain", "--output", "runs/x", "--resume", option, value);
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cuda_where_there_is_none_is_refused_with_the_cure()
    {
        Assert.SkipWhen(TorchSharp.torch.cuda.is_available(), "this machine has CUDA");
        using var folder = new TemporaryFolder();
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--device", "cuda");
        Assert.Equal(2, exitCode);
        Assert.Contains("-p:Accelerator=cuda", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private void AssertSameAsWhole(TemporaryFolder folder)
    {
        Assert.Equal(Measured(whole.At("runs", "x")), Measured(folder.At("runs", "x")));
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors", "probe.safetensors" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(CheckpointFolder.OfStep(whole.At("runs", "x"), 40), file)), File.ReadAllBytes(Path.Combine(CheckpointFolder.OfStep(folder.At("runs", "x"), 40), file)));
        }
    }

    /// <summary>All records after the header, without what is never twice the same: speed and memory.</summary>
    private static IEnumerable<string> Measured(string run) => JournalFile.Read(run).Skip(1)
        .Select(record => record is StepRecord step ? step with { TokensPerSecond = 0, Mfu = null, Memory = null } : record)
        .Select(record => JsonSerializer.Serialize(record));
}
