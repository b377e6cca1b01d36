using Factory.Core;
using Factory.Trainer.Fetch;
using Factory.Trainer.Tests.Commands;

namespace Factory.Trainer.Tests.Fetch;

public sealed class FetchTests : IDisposable
{
    private const string First = "c4-train.00000-of-01024.json.gz";
    private const string Second = "c4-train.00001-of-01024.json.gz";

    private readonly TemporaryFolder _folder = new();
    private readonly DataHome _home = new();
    private readonly byte[] _content = new byte[1_000_000];

    public FetchTests()
    {
        new Random(1).NextBytes(_content);
        _home.Add(First, _content);
        _home.Add(Second, [1, 2, 3]);
    }

    [Fact]
    public async Task Shards_are_fetched_once_and_the_last_line_says_what_to_run_next()
    {
        (int exitCode, string output, string errors) = await RunAsync("--shards", "0..1");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("tokenize --input data/c4 ", output, StringComparison.Ordinal);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.At("data", "c4", First), TestContext.Current.CancellationToken));
        Assert.Equal([First, Second], Directory.EnumerateFiles(_folder.At("data", "c4")).Select(path => Path.GetFileName(path)!).Order());
        long sent = _home.Sent;
        Assert.Equal(0, (await RunAsync("--shards", "0..1")).ExitCode);
        Assert.Equal(sent, _home.Sent);
        // A changed byte is noticed, and fetched again.
        await File.WriteAllBytesAsync(_folder.At("data", "c4", Second), [1, 2, 4], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("--shards", "1")).ExitCode);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder.At("data", "c4", Second), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true, 1_000_000)]
    [InlineData(false, 2_000_000)]
    public async Task A_part_is_gone_on_with_where_the_home_knows_ranges(bool hasRanges, long mostSent)
    {
        _home.HasRanges = hasRanges;
        Directory.CreateDirectory(_folder.At("data", "c4"));
        await File.WriteAllBytesAsync(_folder.At("data", "c4", First + ".part"), _content[..600_000], TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("--shards", "0")).ExitCode);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.At("data", "c4", First), TestContext.Current.CancellationToken));
        Assert.InRange(_home.Sent, hasRanges ? 400_000 : 1_000_000, mostSent);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again_as_long_as_something_comes()
    {
        _home.BreakAfter = 300_000;
        (int exitCode, _, string errors) = await RunAsync("--shards", "0");
        Assert.True(exitCode == 0, errors);
        Assert.Equal(_content, await File.ReadAllBytesAsync(_folder.At("data", "c4", First), TestContext.Current.CancellationToken));
        Assert.Equal([First], Directory.EnumerateFiles(_folder.At("data", "c4")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Bytes_that_are_not_the_file_are_removed_and_refused()
    {
        _home.Wrong = new byte[_content.Length];
        (int exitCode, _, string errors) = await RunAsync("--shards", "0");
        Assert.Equal(2, exitCode);
        Assert.Contains("expected a file with SHA-256", errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.At("data", "c4")));
    }

    [Theory]
    [InlineData("2", "status 404")]
    [InlineData("5..3", "--shards: expected A..B")]
    [InlineData("0..1024", "--shards: expected A..B with 0 ≤ A ≤ B ≤ 1023")]
    [InlineData("-1", "--shards: expected A..B")]
    public async Task What_is_not_there_is_refused_in_one_line(string shards, string expected)
    {
        (int exitCode, _, string errors) = await RunAsync($"--shards={shards}");
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_are_the_published_ones()
    {
        Assert.Equal(["c4-train.01022-of-01024.json.gz", "c4-train.01023-of-01024.json.gz"], C4Shards.Names("1022..1023", validation: false));
        Assert.Equal("c4-validation.00007-of-00008.json.gz", Assert.Single(C4Shards.Names("7", validation: true)));
        Assert.Throws<SettingError>(() => C4Shards.Names("8", validation: true));
        Assert.Equal("https://huggingface.co/datasets/allenai/c4/resolve/main/en/x", C4Shards.Address(new Uri(C4Shards.PublicHome), "x").AbsoluteUri);
    }

    public void Dispose()
    {
        _home.Dispose();
        _folder.Dispose();
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        TrainerProcess.RunAsync(_folder.Path, ["data", "fetch", "c4", "--home", _home.Address, .. arguments]);
}
