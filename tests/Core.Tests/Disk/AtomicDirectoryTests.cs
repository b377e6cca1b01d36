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
        // A killed process never disposes.
        var killed = AtomicDirectory.Create(target);
        File.WriteAllText(Path.Combine(killed.Path, "stale.txt"), "half");
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
