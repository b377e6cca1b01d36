namespace Factory.Core.Disk;

/// <summary>
/// The file <c>latest</c> beside finished runs and models: one line, the name of the last one finished. Written when a piece of work is
/// complete, so that it never has to be guessed from dates.
/// </summary>
public static class LatestName
{
    private const string FileName = "latest";

    /// <summary>Makes <paramref name="directory"/> the latest among its siblings. It is a convenience: where it cannot be written, what was made is made.</summary>
    /// <param name="warn">Takes one line when the name could not be written.</param>
    public static void Write(string directory, Action<string> warn)
    {
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        string file = Path.Combine(Path.GetDirectoryName(directory) ?? directory, FileName);
        try
        {
            AtomicFile.Write(file, StrictUtf8.Encoding.GetBytes(Path.GetFileName(directory) + "\n"));
        }
        catch (Exception error) when (error is UserError or IOException or UnauthorizedAccessException)
        {
            warn($"Warning: {file} does not name {directory} as the latest: {error.Message}");
        }
    }

    /// <summary>The directory that <paramref name="parent"/>/latest names.</summary>
    /// <exception cref="UserError">Nothing is named, or what is named is gone; <paramref name="cure"/> says what to do.</exception>
    public static string Read(string parent, string cure)
    {
        string file = Path.Combine(parent, FileName);
        if (!File.Exists(file))
        {
            throw new UserError($"{file}: expected the name of a finished directory, found no such file. {cure}");
        }
        string name = InputFile.ReadAllText(file).Trim();
        string directory = Path.Combine(parent, name);
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || name is "." or ".." || !Directory.Exists(directory))
        {
            throw new UserError($"{file}: expected the name of a directory in {parent}, found '{name}'. {cure}");
        }
        return directory;
    }
}
