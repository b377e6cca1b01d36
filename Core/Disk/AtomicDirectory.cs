namespace Factory.Core.Disk;

/// <summary>
/// A directory that appears whole or not at all: filled under a temporary name beside the target, then renamed.
/// <code>using var directory = AtomicDirectory.Create(target); … write below directory.Path … directory.Commit();</code>
/// Disposal without <see cref="Commit"/> removes what was written.
/// </summary>
public sealed class AtomicDirectory : IDisposable
{
    private readonly string _target;
    private bool _committed;

    private AtomicDirectory(string target, string path)
    {
        _target = target;
        Path = path;
    }

    /// <summary>Where to write until <see cref="Commit"/>.</summary>
    public string Path { get; }

    /// <summary>Starts a directory that will stand at <paramref name="target"/>. Left-overs of a killed writer are removed.</summary>
    /// <exception cref="UserError">The place cannot be written to.</exception>
    public static AtomicDirectory Create(string target)
    {
        target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        string path = target + ".writing";
        try
        {
            Delete(path);
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{target}: expected a place to write a directory: {error.Message}", error);
        }
        return new AtomicDirectory(target, path);
    }

    /// <summary>Flushes every file and gives the directory its name; a directory that stood there before is replaced.</summary>
    public void Commit()
    {
        foreach (string file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
        string old = _target + ".old";
        Delete(old);
        if (Directory.Exists(_target))
        {
            Directory.Move(_target, old);
        }
        Directory.Move(Path, _target);
        _committed = true;
        Delete(old);
    }

    public void Dispose()
    {
        if (!_committed)
        {
            Delete(Path);
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
