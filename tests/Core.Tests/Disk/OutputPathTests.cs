using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public sealed class OutputPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public OutputPathTests()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        Directory.CreateDirectory(_folder.At("bundle"));
        Manifest.Write(_folder.At("bundle"), "bundle", new Dictionary<string, string>());
        Directory.CreateDirectory(_folder.At("damaged"));
        File.WriteAllText(_folder.At("damaged", "manifest.json"), """{"kind": "bundle", "strange": 1}""");
        Directory.CreateDirectory(_folder.At("thesis"));
        File.WriteAllText(_folder.At("thesis", "chapter.tex"), "mine");
        File.WriteAllText(_folder.At("file"), "mine");
        File.CreateSymbolicLink(_folder.At("to-bundle"), _folder.At("bundle"));
        File.CreateSymbolicLink(_folder.At("to-thesis"), _folder.At("thesis"));
        File.CreateSymbolicLink(_folder.At("loop"), _folder.At("loop"));
    }

    [Theory]
    [InlineData("new")]
    [InlineData("new/deeper/")]
    [InlineData("empty")]
    [InlineData("empty/")]
    [InlineData("bundle")]
    [InlineData("bundle/")]
    [InlineData("to-bundle")]
    [InlineData("to-bundle/")]
    [InlineData("damaged")]
    public void Nothing_an_empty_directory_and_one_of_its_kind_may_be_written(string name) => OutputPath.RequireDirectory(_folder.At(name), "bundle", replace: true);

    [Theory]
    [InlineData("file", "found a file")]
    [InlineData("thesis", "which holds something else")]
    [InlineData("thesis/", "which holds something else")]
    [InlineData("to-thesis", "which holds something else")]
    [InlineData("loop", "found a link that leads nowhere")]
    public void What_would_be_destroyed_is_refused(string name, string expected) =>
        Assert.Contains(expected, Assert.ThrowsAny<UserError>(() => OutputPath.RequireDirectory(_folder.At(name), "bundle", replace: true)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "an empty name")]
    [InlineData(" ", "an empty name")]
    [InlineData(".", "the one this program was started in")]
    [InlineData("/", "the one this program was started in")]
    [InlineData("/proc", "the mount point /proc")]
    public void Places_that_no_directory_can_take_are_refused(string path, string expected)
    {
        Assert.SkipWhen(path == "/proc" && !OperatingSystem.IsLinux(), "mount points of Linux");
        Assert.Contains(expected, Assert.Throws<SettingError>(() => OutputPath.RequireDirectory(path, "bundle", replace: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_its_kind_is_kept_unless_it_may_be_replaced()
    {
        SettingError error = Assert.Throws<SettingError>(() => OutputPath.RequireDirectory(_folder.At("bundle"), "bundle", replace: false, " or say so"));
        Assert.Equal("output", error.Setting);
        Assert.EndsWith("Choose another name or say so.", error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new/deeper", null)]
    [InlineData("thesis", null)]
    [InlineData("thesis/new/", null)]
    [InlineData("file", "found a file")]
    [InlineData("file/new", "found a file")]
    public void A_folder_to_write_in_may_be_new_and_nothing_is_left_of_the_check(string name, string? expected)
    {
        string[] before = Entries();
        if (expected is null)
        {
            OutputPath.RequireCreatable("output", _folder.At(name));
        }
        else
        {
            Assert.Contains(expected, Assert.Throws<SettingError>(() => OutputPath.RequireCreatable("output", _folder.At(name))).Message, StringComparison.Ordinal);
        }
        Assert.Equal(before, Entries());

        string[] Entries() => [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order()];
    }

    public void Dispose() => _folder.Dispose();
}
