namespace Factory.Core.Disk;

/// <summary>
/// A directory that appears whole or not at all: filled under a hidden name beside the target, then swapped in. One writer at a time has a target.
/// <code>using var directory = AtomicDirectory.Create(target); … write below directory.Path … directory.Commit();</code>
/// Disposal without <see cref="Commit"/> removes what was written; what a killed writer left goes with the next one in that folder.
/// </summary>
public sealed class AtomicDirectory : IDisposable
{
    private readonly string _target;
    private readonly WriterLock _lock;

    private AtomicDirectory(string target, string path, WriterLock exclusive)
    {
        _target = target;
        _lock = exclusive;
        Path = path;
    }

    /// <summary>Where to write until <see cref="Commit"/>.</summary>
    public string Path { get; }

    /// <summary>Starts a directory that will stand at <paramref name="target"/>; where a link stands, at what it points to.</summary>
    /// <exception cref="UserError">The place cannot be written to.</exception>
    /// <exception cref="BusyError">Another writer has it.</exception>
    public static AtomicDirectory Create(string target)
    {
        target = OutputPath.Real(target);
        string parent = System.IO.Path.GetDirectoryName(target) ?? throw new UserError($"{target}: expected a directory below another.");
        WriterLock? exclusive = null;
        try
        {
            string key = Leftovers.Key(System.IO.Path.GetFileName(target));
            Directory.CreateDirectory(parent);
            exclusive = WriterLock.TryTake(parent, key)
                ?? throw new BusyError(target);
            Leftovers.Sweep(parent, key);
            string path = Leftovers.NewPath(parent, key);
            Directory.CreateDirectory(path);
            return new AtomicDirectory(target, path, exclusive);
        }
        catch (Exception error)
        {
            exclusive?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new UserError($"{target}: expected a place to write a directory: {error.Message}", error);
            }
            throw;
        }
    }

    /// <summary>Flushes every file and gives the directory its name; a directory that stood there before is replaced.</summary>
    /// <exception cref="IOException">The disk did not take it. What stood there before still stands.</exception>
    public void Commit()
    {
        foreach (string file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
        if (!Directory.Exists(_target))
        {
            Directory.Move(Path, _target);
        }
        else if (!Posix.TryExchange(Path, _target))
        {
            // Without an exchange in one step the name is missing for a moment.
            string old = _target + ".old";
            Leftovers.Delete(old);
            Directory.Move(_target, old);
            Directory.Move(Path, _target);
            Leftovers.Delete(old);
        }
    }

    /// <summary>Removes what has not become the target: a half-written directory, or the old one after <see cref="Commit"/>.</summary>
    public void Dispose()
    {
        try
        {
            Leftovers.Delete(Path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What was to be written is written or was given up; the next writer tries again.
        }
        _lock.Dispose();
    }
}
