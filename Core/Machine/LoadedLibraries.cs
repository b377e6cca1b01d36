namespace Factory.Core.Machine;

/// <summary>Native libraries in this process.</summary>
public static class LoadedLibraries
{
    private const string Maps = "/proc/self/maps";

    /// <summary>Path of the loaded library whose file is called <paramref name="fileName"/>, or null (always null outside Linux).</summary>
    public static string? Find(string fileName) => First(name => name == fileName);

    /// <summary>Path of a loaded library whose file name starts with <paramref name="start"/>, or null (always null outside Linux).</summary>
    public static string? FindAny(string start) => First(name => name.StartsWith(start, StringComparison.Ordinal));

    private static string? First(Func<string, bool> isWanted) => File.Exists(Maps)
        ? File.ReadLines(Maps).Select(line => line[(line.LastIndexOf(' ') + 1)..]).FirstOrDefault(path => isWanted(Path.GetFileName(path)))
        : null;
}
