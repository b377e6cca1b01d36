using Factory.Core;
using Factory.Trainer.Tests.Tokens;
using Factory.Trainer.Texts;

namespace Factory.Trainer.Tests.Texts;

public sealed class InputSearchTests : IDisposable
{
    private readonly TokenFolder _folder = new();
    private readonly List<string> _log = [];

    public InputSearchTests()
    {
        foreach (string name in new[] { "in/b.txt", "in/a.txt", "in/sub/c.jsonl", "in/sub/deep/d.txt", "in/.hidden.txt", "in/.git/e.txt", "in/README.md", "in/noise", "other/f.txt" })
        {
            _folder.Write(name, "text");
        }
    }

    [Fact]
    public void A_folder_is_searched_in_order_and_what_is_passed_over_is_said()
    {
        Assert.Equal(["in/a.txt", "in/b.txt", "in/sub/c.jsonl", "in/sub/deep/d.txt"], Find("in"));
        string line = Assert.Single(_log);
        Assert.Contains("1 of a kind that is not read (.md)", line, StringComparison.Ordinal);
        Assert.Contains("(no suffix)", line, StringComparison.Ordinal);
        Assert.Contains("2 hidden", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_back_ends_the_search_there_and_a_link_elsewhere_is_followed()
    {
        Directory.CreateSymbolicLink(_folder.At("in/sub/up"), _folder.At("in"));
        Directory.CreateSymbolicLink(_folder.At("in/sub/more"), _folder.At("other"));
        File.CreateSymbolicLink(_folder.At("in/dangling.txt"), _folder.At("nowhere.txt"));
        Assert.Equal(["in/a.txt", "in/b.txt", "in/sub/c.jsonl", "in/sub/deep/d.txt", "in/sub/more/f.txt"], Find("in"));
        Assert.Contains("1 that a link leads back to", _log[0], StringComparison.Ordinal);
        Assert.Contains("links that lead nowhere", _log[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_met_twice_is_taken_once()
    {
        File.CreateSymbolicLink(_folder.At("other/again.txt"), _folder.At("in/a.txt"));
        Assert.Equal(["in/a.txt", "other/f.txt"], Find("in/a.txt", "other", "in/../in/a.txt"));
        Assert.Contains("2 met twice", Assert.Single(_log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in/*.txt", "in/a.txt", "in/b.txt")]
    [InlineData("in/?.txt", "in/a.txt", "in/b.txt")]
    [InlineData("in/**/*.txt", "in/a.txt", "in/b.txt", "in/sub/deep/d.txt")]
    [InlineData("*/f.txt", "other/f.txt")]
    [InlineData("**/*.jsonl", "in/sub/c.jsonl")]
    [InlineData("in/.hidden*", "in/.hidden.txt")]
    public void A_pattern_finds_its_files(string pattern, params string[] expected) => Assert.Equal(expected, Find(pattern));

    [Theory]
    [InlineData("in/*.csv", "nothing at")]
    [InlineData("in/R*", "README.md")]
    [InlineData("nowhere/*", "nothing at")]
    [InlineData("in/a.txt=0", "a weight above 0")]
    [InlineData("in/a.txt=-1", "a weight above 0")]
    [InlineData("in/a.txt=NaN", "a weight above 0")]
    [InlineData("in/a.txt=1e9", "a weight above 0")]
    [InlineData("in/a.txt=two", "nothing at")]
    public void What_cannot_be_meant_is_refused(string input, string expected) =>
        Assert.Contains(expected, Assert.Throws<SettingError>(() => Find(input)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_weight_stands_behind_the_path_unless_a_file_is_called_so()
    {
        _folder.Write("in=3/x.txt", "text");
        InputSource[] sources = [.. InputSearch.Find([_folder.At("other=2.5"), _folder.At("in=3")], _log.Add)];
        Assert.Equal([2.5, 1], sources.Select(source => source.Weight));
        Assert.Equal([_folder.At("other"), _folder.At("in=3")], sources.Select(source => source.Name));
    }

    [Fact]
    public void A_device_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices of Linux");
        File.CreateSymbolicLink(_folder.At("null.txt"), "/dev/null");
        Assert.Contains("a pipe or a device", Assert.Throws<SettingError>(() => Find("null.txt")).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string[] Find(params string[] inputs) =>
        [.. InputSearch.Find([.. inputs.Select(_folder.At)], _log.Add).SelectMany(source => source.Files).Select(path => Path.GetRelativePath(_folder.At(""), path))];
}
