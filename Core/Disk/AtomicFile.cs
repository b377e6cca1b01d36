namespace Factory.Core.Disk;

/// <summary>
/// A file that appears whole or not at all: written under a hidden name beside the target, then renamed. A link is followed; a device or a pipe
/// (/dev/stdout) is written to as it is.
/// <code>using var file = AtomicFile.Create(path); … write to file.Stream … file.Commit();</code>
/// Disposal without <see cref="Commit"/> removes what was written.
/// </summary>
public sealed class AtomicFile : IDisposable
{
    private readonly string _target;
    private readonly WriterLock? _lock;
    private readonly FileStream _stream;
    private bool _committed;

    private AtomicFile(string target, WriterLock? exclusive, FileStream stream) => (_target, _lock, _stream) = (target, exclusive, stream);

    /// <summary>Whether a device or a pipe is written to, beside which nothing else can stand.</summary>
    public bool IsSpecial => _lock is null;

    /// <summary>Where to write until <see cref="Commit"/>.</summary>
    public Stream Stream => _stream;

    /// <summary>Starts a file that will stand at <paramref name="path"/>; made before the work that it is for, it shows in time whether it can be written.</summary>
    /// <exception cref="UserError">The place cannot be written to.</exception>
    /// <exception cref="BusyError">Another writer has it.</exception>
    public static AtomicFile Create(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new UserError("expected a file to write, found an empty name.");
        }
        WriterLock? exclusive = null;
        try
        {
            if (Posix.IsSpecial(path))
            {
                return new AtomicFile(path, null, new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite));
            }
            string target = OutputPath.Real(path);
            OutputPath.RequireReplaceable(path, target);
            string folder = Path.GetDirectoryName(target)!;
            string key = Leftovers.Key(Path.GetFileName(target));
            Directory.CreateDirectory(folder);
            exclusive = WriterLock.TryTake(folder, key)
                ?? throw new BusyError(path);
            Leftovers.Sweep(folder, key);
            return new AtomicFile(target, exclusive, new FileStream(Leftovers.NewPath(folder, key), FileMode.CreateNew, FileAccess.Write, FileShare.Read));
        }
        catch (Exception error)
        {
            exclusive?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new UserError($"{path}: expected a file to write: {error.Message}", error);
            }
            throw;
        }
    }

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="UserError">The place cannot be written to.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using AtomicFile file = Create(path);
        file.Stream.Write(content);
        file.Commit();
    }

    /// <summary>Flushes the file and gives it its name; one that stood there before is replaced.</summary>
    public void Commit()
    {
        if (_lock is null)
        {
            _stream.Flush();
        }
        else
        {
            _stream.Flush(flushToDisk: true);
            File.Move(_stream.Name, _target, overwrite: true);
        }
        _committed = true;
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        finally
        {
            if (!_committed && _lock is not null)
            {
                File.Delete(_stream.Name);
            }
            _lock?.Dispose();
        }
    }
}
