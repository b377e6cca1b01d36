using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public class AtomicDirectoryTests
{
    [Fact]
    public void A_directory_has_its_name_only_after_commit()
    {
        using var folder = new TemporaryFolder();
        string target = folder.At("parent", "run");
        using (var directory = AtomicDirectory.Create(target))
        {
            File.WriteAllText(Path.Combine(directory.Path, "a.txt"), "whole");
            Assert.False(Directory.Exists(target));
            directory.Commit();
        }
        Assert.Equal("whole", File.ReadAllText(Path.Combine(target, "a.txt")));
        Assert.Equal([target], Directory.EnumerateFileSystemEntries(folder.At("parent")));
    }

    [Fact]
    public void A_failed_writer_leaves_nothing_and_the_old_directory_in_place()
    {
        using var folder = new TemporaryFolder();
        string target = folder.At("run");
        Write(target, "old");
        using (var directory = AtomicDirectory.Create(target))
        {
            File.WriteAllText(Path.Combine(directory.Path, "a.txt"), "half");
        }
        Assert.Equal("old", File.ReadAllText(Path.Combine(target, "a.txt")));
        Assert.Equal([target], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_a_killed_writer_left_is_not_mistaken_for_the_directory_and_goes_with_the_next_write()
    {
        using var folder = new TemporaryFolder();
        string target = folder.At("run");
        // What a killed process leaves: directories and lock files, and no lock.
        foreach (string key in new[] { "run", "sibling" })
        {
            Directory.CreateDirectory(folder.At($".{key}.0123abcd.writing", "sub"));
            File.WriteAllText(folder.At($".{key}.0123abcd.writing", "sub", "stale.txt"), "half");
            File.WriteAllText(folder.At($".{key}.lock"), "");
        }
        Assert.False(Directory.Exists(target));

        Write(target, "new");
        Assert.Equal([Path.Combine(target, "a.txt")], Directory.EnumerateFiles(target));
        Assert.Equal([target], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_directory_that_stood_there_is_replaced_as_a_whole()
    {
        using var folder = new TemporaryFolder();
        string target = folder.At("run");
        Write(target, "old");
        File.WriteAllText(Path.Combine(target, "extra.txt"), "old");
        Write(target + Path.DirectorySeparatorChar, "new");
        Assert.Equal("new", File.ReadAllText(Path.Combine(target, "a.txt")));
        Assert.False(File.Exists(Path.Combine(target, "extra.txt")));
    }

    [Fact]
    public void A_second_writer_of_the_same_place_is_refused_at_once_and_the_first_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        using (var first = AtomicDirectory.Create(folder.At("run")))
        {
            File.WriteAllText(Path.Combine(first.Path, "a.txt"), "first");
            Assert.Contains("another process", Assert.Throws<BusyError>(() => AtomicDirectory.Create(folder.At("run"))).Message, StringComparison.Ordinal);
            // A writer of another name sweeps the folder and leaves this one alone.
            Write(folder.At("other"), "other");
            first.Commit();
        }
        Write(folder.At("run"), "second");
        Assert.Equal("second", File.ReadAllText(folder.At("run", "a.txt")));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder.Path).Count());
    }

    [Fact]
    public void A_link_is_written_through_and_an_empty_directory_taken()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("real"));
        Directory.CreateDirectory(folder.At("elsewhere"));
        File.CreateSymbolicLink(folder.At("link"), folder.At("real"));
        File.CreateSymbolicLink(folder.At("dangling"), folder.At("elsewhere", "new"));
        Write(folder.At("link"), "through");
        Write(folder.At("dangling"), "there");
        Assert.Equal("through", File.ReadAllText(folder.At("real", "a.txt")));
        Assert.Equal("there", File.ReadAllText(folder.At("elsewhere", "new", "a.txt")));
        Assert.NotNull(new FileInfo(folder.At("link")).LinkTarget);
    }

    [Fact]
    public void A_name_as_long_as_the_disk_allows_can_be_written()
    {
        using var folder = new TemporaryFolder();
        Write(folder.At(new string('n', 255)), "long");
        Write(folder.At(new string('n', 255)), "longer");
        Assert.Equal("longer", File.ReadAllText(folder.At(new string('n', 255), "a.txt")));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_place_below_a_file_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("file"), "");
        Assert.Contains(folder.At("file"), Assert.Throws<UserError>(() => AtomicDirectory.Create(folder.At("file", "run"))).Message, StringComparison.Ordinal);
    }

    private static void Write(string target, string text)
    {
        using var directory = AtomicDirectory.Create(target);
        File.WriteAllText(Path.Combine(directory.Path, "a.txt"), text);
        directory.Commit();
    }
}
