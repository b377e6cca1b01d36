using Factory.InferenceApi.Settings;
namespace Factory.InferenceApi.Problems;

/// <summary>Keeps where the server's folders lie out of what clients read: files are named from there on.</summary>
internal static class ServerPaths
{
    public static string Hide(string message, ServerOptions options)
    {
        string?[] folders = [options.DataDirectory, options.TextFile is string text ? Path.GetDirectoryName(text) : null, options.Model, AppContext.BaseDirectory, Directory.GetCurrentDirectory()];
        foreach (string folder in folders.OfType<string>().SelectMany(folder => (string[])[Path.GetFullPath(folder), folder]).Where(folder => folder.Length > 1).OrderByDescending(folder => folder.Length))
        {
            message = message.Replace(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        }
        return message;
    }
}
