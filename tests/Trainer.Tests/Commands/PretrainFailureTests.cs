using Factory.Core.Checkpoints;
using Factory.Core.Journal;
using Factory.Trainer.Tests.Tokens;

namespace Factory.Trainer.Tests.Commands;

/// <summary>Disks that fail, folders without rights, neighbours and failed starts.</summary>
public sealed class PretrainFailureTests(FailingWrites failing) : IClassFixture<FailingWrites>
{
    private const int QuotaExceeded = 122;
    private const int InputOutput = 5;
    private const int TooLarge = 27;
    private const int NoSpace = 28;

    private static readonly string[] Small =
    [
        "pretrain", "--output", "runs/x", "--blocks", "1", "--hidden-size", "16", "--intermediate-size", "24", "--batch-size", "2", "--sequence-length", "8", "--steps", "6", "--save-every", "3",
        "--eval-every", "6", "--eval-tokens", "50",
    ];

    [Theory]
    [InlineData("optimizer.safetensors", QuotaExceeded)]
    [InlineData("model.safetensors", InputOutput)]
    [InlineData("probe.safetensors", TooLarge)]
    [InlineData("trainer_state.json", NoSpace)]
    [InlineData("manifest.json", InputOutput)]
    [InlineData("metrics.jsonl", QuotaExceeded)]
    public async Task A_disk_that_fails_ends_a_run_with_one_line_and_leaves_the_last_checkpoint(string name, int error)
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, (await TrainerProcess.RunAsync(folder.Path, [.. Small, "--schedule", "constant"])).ExitCode);
        string run = Path.Combine("runs", "x");
        Dictionary<string, string> environment = failing.Environment(name, error);
        using (TrainerProcess trainer = TrainerProcess.Start(folder.Path, [TrainerProcess.Executable, "pretrain", "--output", "runs/x", "--resume", "--steps", "12"], environment))
        {
            (int exitCode, _, string errors) = await trainer.EndAsync();
            Assert.Equal(2, exitCode);
            Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
            Assert.Contains(errors.Trim().Split('\n'), line => line.Contains("disk", StringComparison.OrdinalIgnoreCase) || line.Contains("write", StringComparison.OrdinalIgnoreCase));
        }
        Assert.Equal(6, CheckpointFolder.Steps(folder.At(run))[^1].Step);
        (int resumed, _, string trouble) = await TrainerProcess.RunAsync(folder.Path, "pretrain", "--output", "runs/x", "--resume", "--steps", "12");
        Assert.True(resumed == 0, trouble);
        Assert.Equal(12, JournalFile.Read(folder.At(run)).OfType<StepRecord>().Last().Step);
    }

    [Fact]
    public async Task A_finished_run_is_finished_even_where_its_name_cannot_be_written()
    {
        using var folder = new TemporaryFolder();
        using TrainerProcess trainer = TrainerProcess.Start(folder.Path, [TrainerProcess.Executable, .. Small], failing.Environment("latest", InputOutput));
        (int exitCode, string output, string errors) = await trainer.EndAsync();
        Assert.True(exitCode == 0, errors);
        Assert.Contains("latest", errors, StringComparison.Ordinal);
        Assert.Contains("Checkpoint:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_rights_is_named_in_one_line_and_read_only_data_can_be_trained_on()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("closed"));
        using TrainerProcess first = TrainerProcess.StartUnprivileged(folder.Path, "pretrain", "--output", "closed/run");
        (int exitCode, _, string errors) = await first.EndAsync();
        Assert.Equal(2, exitCode);
        Assert.Single(errors.Trim().Split('\n'));
        Assert.Contains("closed", errors, StringComparison.Ordinal);

        // The tokens belong to somebody else, and so does their tokenizer.
        using var tokens = new TokenFolder();
        tokens.Run([tokens.Write("a.txt", string.Concat(Enumerable.Repeat("To be, or not to be: that is the question.\n", 50)))], fraction: 0.2);
        UnixMode.Set(Path.Combine(tokens.Output, "tokenizer.model"), 0b100_100_100);
        UnixMode.Set(tokens.Output, 0b101_101_101);
        UnixMode.Set(Path.GetDirectoryName(tokens.Output)!, 0b101_101_101);
        Directory.CreateDirectory(folder.At("open"));
        UnixMode.Set(folder.At("open"), 0b111_111_111);
        using TrainerProcess second = TrainerProcess.StartUnprivileged(folder.Path, [.. Small.Select(word => word == "runs/x" ? "open/run" : word), "--data", tokens.Output]);
        (exitCode, _, errors) = await second.EndAsync();
        Assert.True(exitCode == 0, errors);
        UnixMode.Set(Path.GetDirectoryName(tokens.Output)!, 0b111_101_101);
        UnixMode.Set(tokens.Output, 0b111_101_101);
    }

    [Fact]
    public async Task First_runs_at_the_same_time_in_an_empty_folder_all_work_or_are_refused_in_one_line()
    {
        using var folder = new TemporaryFolder();
        string[] Arguments(string output) => [.. Small.Select(word => word == "runs/x" ? output : word)];
        TrainerProcess[] started = [.. new[] { "runs/a", "runs/b", "runs/a" }.Select(output => TrainerProcess.Start(folder.Path, Arguments(output)))];
        (int ExitCode, string Output, string Errors)[] ended = await Task.WhenAll(started.Select(process => process.EndAsync()));
        Array.ForEach(started, process => process.Dispose());
        Assert.Equal([0, 0, 2], ended.Select(end => end.ExitCode).Order());
        Assert.Equal(0, ended[1].ExitCode);
        Assert.All(ended, end => Assert.DoesNotContain("   at ", end.Errors, StringComparison.Ordinal));
        Assert.Matches("no other process|found one. Add --resume", ended.Single(end => end.ExitCode == 2).Errors);
        Assert.Equal(["runs/a", "runs/b"], new[] { "a", "b" }.Where(run => CheckpointFolder.Steps(folder.At("runs", run))[^1].Step == 6).Select(run => $"runs/{run}"));
    }

    [Fact]
    public async Task A_start_that_fails_does_not_claim_the_name()
    {
        using var folder = new TemporaryFolder();
        using var tokens = new TokenFolder();
        tokens.Run([tokens.Write("a.txt", string.Concat(Enumerable.Repeat("To be, or not to be: that is the question.\n", 20)))]);
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, [.. Small.Select(word => word == "8" ? "5000" : word), "--data", tokens.Output]);
        Assert.Equal(2, exitCode);
        Assert.Contains("more than 5000 tokens", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("runs")));
        Assert.Equal(0, (await TrainerProcess.RunAsync(folder.Path, [.. Small, "--data", tokens.Output])).ExitCode);
    }

    [Fact]
    public async Task Own_tokens_in_the_place_of_the_bundled_corpus_are_left_alone()
    {
        using var folder = new TemporaryFolder();
        using var tokens = new TokenFolder();
        tokens.Run([tokens.Write("a.txt", "My own words.\n")]);
        Directory.CreateDirectory(folder.At("data"));
        Directory.Move(tokens.Output, folder.At("data", "shakespeare"));
        byte[] before = await File.ReadAllBytesAsync(folder.At("data", "shakespeare", "train.bin"), TestContext.Current.CancellationToken);
        (int exitCode, _, string errors) = await TrainerProcess.RunAsync(folder.Path, Small);
        Assert.Equal(2, exitCode);
        Assert.Contains("--data data/shakespeare", errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder.At("data", "shakespeare", "train.bin"), TestContext.Current.CancellationToken));
    }
}
