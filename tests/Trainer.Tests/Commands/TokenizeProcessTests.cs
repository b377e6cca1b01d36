using System.Runtime.InteropServices;
using Factory.Trainer.Tests.Tokens;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Commands;

/// <summary>Neighbours, kills, disks that fail, users without rights and places that cannot be written, as <c>tokenize</c> meets them.</summary>
public sealed class TokenizeProcessTests(FailingWrites failing) : IClassFixture<FailingWrites>, IDisposable
{
    private const int InputOutput = 5;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    private readonly TokenFolder _folder = new();

    [Fact]
    public async Task Of_two_at_one_output_one_is_refused_at_once_and_the_other_is_whole()
    {
        WriteText(20_000);
        TrainerProcess[] started = [.. Enumerable.Range(0, 3).Select(_ => Start())];
        (int ExitCode, string Output, string Errors)[] ended = await Task.WhenAll(started.Select(process => process.EndAsync()));
        Array.ForEach(started, process => process.Dispose());
        Assert.Equal([0, 2, 2], ended.Select(end => end.ExitCode).Order());
        Assert.All(ended.Where(end => end.ExitCode == 2), end => Assert.Matches("another process|found tokens in", Assert.Single(end.Errors.Trim().Split('\n'))));
        TokenDataset.Open(_folder.Output).Dispose();
        Assert.Empty(Hidden());
    }

    [Fact]
    public async Task What_a_killed_one_left_goes_with_the_next()
    {
        WriteText(600_000);
        using var appeared = new SemaphoreSlim(0);
        using (var watcher = new FileSystemWatcher(Root, ".*.writing") { NotifyFilter = NotifyFilters.DirectoryName, EnableRaisingEvents = true })
        {
            watcher.Created += (_, _) => appeared.Release();
            using TrainerProcess killed = Start();
            await appeared.WaitAsync(TestContext.Current.CancellationToken);
            killed.Kill();
            await killed.EndAsync();
        }
        Assert.NotEmpty(Hidden());
        Assert.False(Directory.Exists(_folder.Output));
        WriteText(10);
        using TrainerProcess next = TrainerProcess.Start(Root, "tokenize", "--input", "a.jsonl", "--tokenizer", TokenFolder.TokenizerPath, "--output", "other");
        Assert.Equal(0, (await next.EndAsync()).ExitCode);
        Assert.Empty(Hidden());
    }

    [Theory]
    [InlineData("train.bin", InputOutput)]
    [InlineData("validation.bin", QuotaExceeded)]
    [InlineData("manifest.json", NoSpace)]
    [InlineData("tokenizer.model", InputOutput)]
    public async Task A_disk_that_fails_is_one_line_and_nothing_is_left(string name, int error)
    {
        WriteText(2_000);
        using TrainerProcess process = TrainerProcess.Start(Root, Command(), failing.Environment(name, error));
        await AssertRefusedAsync(process, error == NoSpace ? "disk is full" : "Could not read or write");
        Assert.Equal(["a.jsonl"], Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("in/closed.jsonl", "closed.jsonl")]
    [InlineData("in/closed", "in/closed")]
    [InlineData("closed.model", "closed.model")]
    [InlineData("places", "places")]
    public async Task What_a_user_may_not_read_or_write_is_named_in_one_line(string closed, string expected)
    {
        WriteText(10);
        Directory.CreateDirectory(_folder.At("in"));
        Directory.CreateDirectory(_folder.At("places"));
        UnixMode.Set(Root, 0b111_111_111);
        UnixMode.Set(_folder.At("places"), 0b111_111_111);
        if (closed.EndsWith(".model", StringComparison.Ordinal))
        {
            File.Copy(TokenFolder.TokenizerPath, _folder.At(closed));
        }
        else if (closed.EndsWith(".jsonl", StringComparison.Ordinal))
        {
            File.Copy(_folder.At("a.jsonl"), _folder.At(closed));
        }
        else
        {
            Directory.CreateDirectory(_folder.At(closed));
        }
        UnixMode.Set(_folder.At(closed), closed == "places" ? 0b111_101_101 : 0);
        string tokenizer = closed.EndsWith(".model", StringComparison.Ordinal) ? closed : TokenFolder.TokenizerPath;
        using TrainerProcess process = TrainerProcess.StartUnprivileged(Root, "tokenize", "--input", closed.StartsWith("in", StringComparison.Ordinal) ? "in" : "a.jsonl", "--tokenizer", tokenizer, "--output", "places/o");
        await AssertRefusedAsync(process, expected);
    }

    [Theory]
    [InlineData("", "--output: expected a directory to write, found an empty name.")]
    [InlineData(".", "--output: expected a directory that can be replaced")]
    [InlineData("a.jsonl", "--output: expected a directory to write, found a file")]
    [InlineData("a.jsonl/below", "a.jsonl/below: expected a place to write a directory")]
    [InlineData("/proc/none/x", "/proc/none/x: expected a place to write a directory")]
    public async Task A_place_that_cannot_be_written_is_refused_before_anything_is_read(string output, string expected)
    {
        // The text is wrong, which would be said if it were read first.
        await File.WriteAllTextAsync(_folder.At("a.jsonl"), "nonsense", TestContext.Current.CancellationToken);
        using TrainerProcess process = TrainerProcess.Start(Root, "tokenize", "--input", "a.jsonl", "--tokenizer", TokenFolder.TokenizerPath, "--output", output);
        await AssertRefusedAsync(process, expected);
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("it's; $(touch pwned)")]
    public async Task The_command_that_is_printed_can_be_pasted(string output)
    {
        WriteText(10);
        using TrainerProcess process = TrainerProcess.Start(Root, "tokenize", "--input", "a.jsonl", "--tokenizer", TokenFolder.TokenizerPath, "--output", output);
        string printed = (await process.EndAsync()).Output.TrimEnd().Split('\n')[^1];
        using TrainerProcess shell = TrainerProcess.Start(Root, ["sh", "-c", $"for word in {printed[printed.IndexOf("--data ", StringComparison.Ordinal)..]}; do echo \"[$word]\"; done"], []);
        Assert.Equal($"[--data]\n[{output}]\n", (await shell.EndAsync()).Output);
    }

    [Theory]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGHUP)]
    public async Task A_stopped_one_leaves_nothing(PosixSignal signal)
    {
        WriteText(600_000);
        using var appeared = new SemaphoreSlim(0);
        using var watcher = new FileSystemWatcher(Root, ".*.writing") { NotifyFilter = NotifyFilters.DirectoryName, EnableRaisingEvents = true };
        watcher.Created += (_, _) => appeared.Release();
        using TrainerProcess process = Start();
        await appeared.WaitAsync(TestContext.Current.CancellationToken);
        process.Signal(signal);
        (int exitCode, _, string errors) = await process.EndAsync();
        Assert.Equal(130, exitCode);
        Assert.Equal("Stopped.", errors.Trim().Split('\n')[^1]);
        Assert.Equal(["a.jsonl"], Directory.EnumerateFileSystemEntries(Root).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Dispose();

    private string Root => _folder.At("");

    private static string[] Command() =>
        [TrainerProcess.Executable, "tokenize", "--input", "a.jsonl", "--tokenizer", TokenFolder.TokenizerPath, "--output", "tokens", "--threads", "2"];

    private TrainerProcess Start() => TrainerProcess.Start(Root, Command(), []);

    private void WriteText(int lines) => _folder.Write("a.jsonl", string.Concat(Enumerable.Range(0, lines).Select(i => $"{{\"text\": \"document {i}: to be, or not to be\"}}\n")));

    private IEnumerable<string> Hidden() => Directory.EnumerateFileSystemEntries(Root, ".*");

    private static async Task AssertRefusedAsync(TrainerProcess process, string expected)
    {
        (int exitCode, string output, string errors) = await process.EndAsync();
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.Contains(expected, errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }
}
