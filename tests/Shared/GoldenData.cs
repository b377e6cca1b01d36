using System.Runtime.CompilerServices;

namespace Factory.Tests;

/// <summary>
/// Reference data made by other software. It is not part of the repository: tests that need it look in FACTORY_GOLDEN_DATA or in
/// ../shared/data beside the repository, and skip with a reason where neither is there.
/// </summary>
public static class GoldenData
{
    /// <summary>The repository's root, found from this source file.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    private static string Root { get; } =
        Environment.GetEnvironmentVariable("FACTORY_GOLDEN_DATA") ?? Path.GetFullPath(Path.Combine(Repository, "..", "shared", "data"));

    /// <summary>The folder or file below the reference data; skips the calling test where it is missing.</summary>
    public static string At(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"no reference data at {path}; set FACTORY_GOLDEN_DATA to run this test");
        return path;
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
