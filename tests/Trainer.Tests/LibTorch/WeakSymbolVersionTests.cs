using Factory.Build;

namespace Factory.Trainer.Tests.LibTorch;

public sealed class WeakSymbolVersionTests
{
    private const ushort Weak = 2;

    [Fact]
    public void Only_a_version_that_the_host_lacks_and_nothing_uses_becomes_weak()
    {
        byte[] library = HandMadeElf.Create("libother.so.1", ["PRESENT", "ABSENT_USED", "ABSENT_UNUSED"], relocated: 1);
        byte[] before = [.. library];

        byte[] copy = WeakSymbolVersion.Weaken(library, "libother.so.1", ["PRESENT"], out IReadOnlyList<string> weakened);

        Assert.Equal(["ABSENT_UNUSED"], weakened);
        Assert.Equal([("PRESENT", 0), ("ABSENT_USED", 0), ("ABSENT_UNUSED", Weak)], Flags(copy));
        Assert.Equal(before, library);
        Assert.Equal(1, Enumerable.Range(0, copy.Length).Count(i => copy[i] != library[i]));
    }

    [Fact]
    public void Nothing_changes_on_a_host_that_has_every_version()
    {
        byte[] library = HandMadeElf.Create("libother.so.1", ["ONE", "TWO"]);
        Assert.Equal(library, WeakSymbolVersion.Weaken(library, "libother.so.1", ["ONE", "TWO"], out IReadOnlyList<string> weakened));
        Assert.Empty(weakened);
    }

    [Fact]
    public void Versions_of_other_libraries_and_weak_ones_stay_as_they_are()
    {
        byte[] library = HandMadeElf.Create("libother.so.1", ["ONE"]);
        Assert.Equal(library, WeakSymbolVersion.Weaken(library, "libthird.so.1", [], out _));

        byte[] weak = WeakSymbolVersion.Weaken(library, "libother.so.1", [], out _);
        Assert.Equal(weak, WeakSymbolVersion.Weaken(weak, "libother.so.1", [], out IReadOnlyList<string> again));
        Assert.Empty(again);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(0x110)]
    [InlineData(0x405)]
    [InlineData(0x603)]
    public void A_truncated_file_is_refused(int length)
    {
        byte[] library = HandMadeElf.Create("libother.so.1", ["ONE"], relocated: 0)[..length];
        Assert.Throws<InvalidDataException>(() => WeakSymbolVersion.Weaken(library, "libother.so.1", [], out _));
    }

    [Fact]
    public void Something_that_is_not_elf_is_refused() =>
        Assert.Throws<InvalidDataException>(() => WeakSymbolVersion.Weaken(new byte[4096], "libother.so.1", [], out _));

    [Fact]
    public void Writing_replaces_a_file_and_leaves_what_was_linked_to_it()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("library.so");
        File.WriteAllBytes(path, [1]);
        using FileStream reader = File.OpenRead(path);
        WeakSymbolVersion.WriteAtomically(path, [2, 3]);
        Assert.Equal([2, 3], File.ReadAllBytes(path));
        Assert.Equal(1, reader.ReadByte());
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private static IEnumerable<(string, ushort)> Flags(byte[] library) => new ElfLibrary(library).NeededVersions().Select(version => (version.Name, version.Flags));
}
