using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Factory.Tests;

/// <summary>
/// Reference data made by other software. What the tests need lies in tests/Golden, packed, with its sources and licences; larger sets are
/// looked for in FACTORY_GOLDEN_DATA, or in ../shared/data beside the repository.
/// </summary>
public static class GoldenData
{
    private static readonly Lazy<string[]> AllRoots = new(FindRoots);

    /// <summary>The repository's root, found from this source file.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    /// <summary>The folder or file below the reference data; skips the calling test where it is nowhere.</summary>
    public static string At(params string[] parts)
    {
        string? path = Find(parts);
        Assert.SkipUnless(path is not null, $"no reference data {Path.Combine(parts)}; set FACTORY_GOLDEN_DATA to run this test");
        return path!;
    }

    /// <summary>Like <see cref="At"/>; null where it is nowhere.</summary>
    public static string? Find(params string[] parts) => AllRoots.Value.Select(root => Path.Combine([root, .. parts])).FirstOrDefault(Path.Exists);

    /// <summary>Names of what lies in a folder of the reference data, over all places where it is looked for, in order.</summary>
    public static IReadOnlyList<string> Names(params string[] parts) => [.. AllRoots.Value
        .Select(root => Path.Combine([root, .. parts]))
        .Where(Directory.Exists)
        .SelectMany(Directory.EnumerateFileSystemEntries)
        .Select(path => Path.GetFileName(path))
        .Distinct()
        .Order(StringComparer.Ordinal)];

    private static string[] FindRoots()
    {
        string golden = Path.Combine(Repository, "tests", "Golden");
        string more = Environment.GetEnvironmentVariable("FACTORY_GOLDEN_DATA") ?? Path.GetFullPath(Path.Combine(Repository, "..", "shared", "data"));
        return [golden, Unpacked(golden), more];
    }

    /// <summary>The archives' content, unpacked once for all test programs; other archives go to another folder.</summary>
    private static string Unpacked(string golden)
    {
        string[] archives = [.. Directory.EnumerateFiles(golden, "*.zip").Order(StringComparer.Ordinal)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string archive in archives)
        {
            hash.AppendData(File.ReadAllBytes(archive));
        }
        string target = Path.Combine(Repository, "artifacts", "golden", Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
        if (Directory.Exists(target))
        {
            return target;
        }
        string temporary = $"{target}.{Environment.ProcessId}";
        foreach (string archive in archives)
        {
            ZipFile.ExtractToDirectory(archive, temporary);
        }
        try
        {
            Directory.Move(temporary, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            Directory.Delete(temporary, recursive: true); // Another test program was faster.
        }
        return target;
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
