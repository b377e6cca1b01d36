namespace Factory.Core.Machine;

/// <summary>Native libraries in this process.</summary>
public static class LoadedLibraries
{
    private const string Maps = "/proc/self/maps";

    /// <summary>Path of the loaded library whose file is called <paramref name="fileName"/>, or null (always null outside Linux).</summary>
    public static string? Find(string fileName) =>
        File.Exists(Maps) ? File.ReadLines(Maps).Select(line => line[(line.LastIndexOf(' ') + 1)..]).FirstOrDefault(path => Path.GetFileName(path) == fileName) : null;
}
