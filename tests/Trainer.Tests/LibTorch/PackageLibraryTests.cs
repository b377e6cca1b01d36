using System.IO.Compression;
using System.Reflection;
using Factory.Build;

namespace Factory.Trainer.Tests.LibTorch;

/// <summary>TorchSharp's real library: in the package cache, and as the build put it beside these tests.</summary>
public sealed class PackageLibraryTests
{
    private const string Name = "libLibTorchSharp.so";
    private const string InPackage = "runtimes/linux-x64/native/" + Name;
    private const string Dependency = "libstdc++.so.6";
    private const string Unused = "GLIBCXX_3.4.32";

    private static string Package { get; } = Path.Combine(
        typeof(PackageLibraryTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "PackageCache").Value!,
        "torchsharp", "0.107.0");

    [Fact]
    public void The_file_in_the_package_cache_is_what_the_package_holds()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is Linux's");
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(Package, "torchsharp.0.107.0.nupkg"));
        using var original = new MemoryStream();
        using (Stream entry = package.GetEntry(InPackage)!.Open())
        {
            entry.CopyTo(original);
        }
        Assert.Equal(original.ToArray(), File.ReadAllBytes(Path.Combine(Package, InPackage)));
    }

    [Fact]
    public void The_copy_beside_the_executable_differs_only_where_this_host_needs_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is Linux's");
        ICollection<string> host = WeakSymbolVersion.OfHost(Dependency);
        Assert.Contains("GLIBCXX_3.4", host);

        byte[] original = File.ReadAllBytes(Path.Combine(Package, InPackage));
        byte[] copy = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, Name));
        string[] changed = [.. new ElfLibrary(original).NeededVersions().Zip(new ElfLibrary(copy).NeededVersions())
            .Where(pair => pair.First.Flags != pair.Second.Flags).Select(pair => pair.First.Name)];

        Assert.Equal(host.Contains(Unused) ? [] : [Unused], changed);
        Assert.Equal(changed.Length, Enumerable.Range(0, original.Length).Count(i => original[i] != copy[i]));
    }

    [Fact]
    public void An_old_host_needs_one_flag_and_a_new_host_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the library is Linux's");
        byte[] original = File.ReadAllBytes(Path.Combine(Package, InPackage));
        string[] all = [.. new ElfLibrary(original).NeededVersions().Where(version => version.Library == Dependency).Select(version => version.Name)];
        Assert.Contains(Unused, all);

        WeakSymbolVersion.Weaken(original, Dependency, [.. all.Where(name => name != Unused)], out IReadOnlyList<string> old);
        Assert.Equal([Unused], old);
        WeakSymbolVersion.Weaken(original, Dependency, all, out IReadOnlyList<string> recent);
        Assert.Empty(recent);
    }
}
