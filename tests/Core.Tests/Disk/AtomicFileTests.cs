using System.Text;
using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_file_has_its_name_only_after_commit_and_nothing_else_is_left()
    {
        string path = _folder.At("new", "report.json");
        using (AtomicFile file = AtomicFile.Create(path))
        {
            file.Stream.Write("whole"u8);
            Assert.False(File.Exists(path));
            file.Commit();
        }
        Assert.Equal("whole", File.ReadAllText(path));
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(_folder.At("new")));
    }

    [Fact]
    public void Without_commit_the_old_file_stays()
    {
        File.WriteAllText(_folder.At("a"), "old");
        using (AtomicFile file = AtomicFile.Create(_folder.At("a")))
        {
            file.Stream.Write("half"u8);
        }
        Assert.Equal("old", File.ReadAllText(_folder.At("a")));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_link_is_written_through_and_stays_a_link()
    {
        File.WriteAllText(_folder.At("real"), "old");
        File.CreateSymbolicLink(_folder.At("link"), _folder.At("real"));
        AtomicFile.Write(_folder.At("link"), "new"u8);
        Assert.Equal("new", File.ReadAllText(_folder.At("real")));
        Assert.NotNull(new FileInfo(_folder.At("link")).LinkTarget);
    }

    [Fact]
    public void A_device_is_written_to_and_stays_a_device()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices of Linux");
        AtomicFile.Write("/dev/null", "gone"u8);
        Assert.True(Posix.IsSpecial("/dev/null"));
        File.CreateSymbolicLink(_folder.At("link"), "/dev/null");
        AtomicFile.Write(_folder.At("link"), "gone"u8);
        Assert.True(Posix.IsSpecial(_folder.At("link")));
        Assert.Throws<IOException>(() => AtomicFile.Write("/dev/full", Encoding.UTF8.GetBytes("no room")));
        Assert.False(Posix.IsSpecial(_folder.Path));
        Assert.False(Posix.IsSpecial(_folder.At("nothing")));
    }

    [Fact]
    public void A_second_writer_is_refused_at_once()
    {
        using AtomicFile first = AtomicFile.Create(_folder.At("a"));
        Assert.Contains("another process", Assert.Throws<BusyError>(() => AtomicFile.Create(_folder.At("a"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("directory")]
    [InlineData("directory/")]
    [InlineData("absent/")]
    [InlineData("file/below.json")]
    [InlineData("loop")]
    [InlineData("/proc/none/report.json")]
    public void A_place_that_cannot_be_written_is_one_line(string name)
    {
        Directory.CreateDirectory(_folder.At("directory"));
        File.WriteAllText(_folder.At("file"), "mine");
        File.CreateSymbolicLink(_folder.At("loop"), _folder.At("loop"));
        string message = Assert.Throws<UserError>(() => AtomicFile.Create(name.Length == 0 ? "" : _folder.At(name)).Dispose()).Message;
        Assert.Contains("expected a", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.Equal("mine", File.ReadAllText(_folder.At("file")));
    }

    [Fact]
    public void A_name_of_three_hundred_letters_is_refused() =>
        Assert.Contains("too long", Assert.Throws<UserError>(() => AtomicFile.Create(_folder.At(new string('n', 300)))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();
}
