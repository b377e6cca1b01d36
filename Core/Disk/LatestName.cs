namespace Factory.Core.Disk;

/// <summary>
/// The file <c>latest</c> beside finished runs and models: one line, the name of the last one finished. Written when a piece of work is
/// complete, so that it never has to be guessed from dates.
/// </summary>
public static class LatestName
{
    private const string FileName = "latest";

    /// <summary>Makes <paramref name="directory"/> the latest among its siblings.</summary>
    public static void Write(string directory)
    {
        directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        string parent = Path.GetDirectoryName(directory) ?? throw new UserError($"{directory}: expected a directory below another.");
        string temporary = Path.Combine(parent, $".{FileName}.writing");
        File.WriteAllText(temporary, Path.GetFileName(directory) + "\n");
        File.Move(temporary, Path.Combine(parent, FileName), overwrite: true);
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
        string name = File.ReadAllText(file).Trim();
        string directory = Path.Combine(parent, name);
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal) || name is "." or ".." || !Directory.Exists(directory))
        {
            throw new UserError($"{file}: expected the name of a directory in {parent}, found '{name}'. {cure}");
        }
        return directory;
    }
}
