using Factory.Core;
using Factory.Core.Journal;

namespace Factory.Trainer.Training;

/// <summary>Keeps a run to one process. It ends with the process, however that ends; a run in which nothing was started leaves no trace.</summary>
public sealed class RunLock : IDisposable
{
    private const string FileName = "training.lock";

    private readonly string _run;
    private readonly FileStream _stream;
    private readonly List<string> _created;

    private RunLock(string run, FileStream stream, List<string> created) => (_run, _stream, _created) = (run, stream, created);

    /// <summary>Makes the directory <paramref name="run"/> where there is none, and takes it.</summary>
    /// <exception cref="UserError">Another process is training this run, or the directory cannot be written to.</exception>
    public static RunLock Acquire(string run)
    {
        var created = new List<string>();
        try
        {
            for (string? folder = Path.GetFullPath(run); folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            {
                created.Add(folder);
            }
            Directory.CreateDirectory(run);
            return new RunLock(run, new FileStream(Path.Combine(run, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1), created);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{run}: expected a writable directory of a run that no other process is training: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (_created.Count == 0 || File.Exists(Path.Combine(_run, JournalFile.Name)))
        {
            return;
        }
        try
        {
            File.Delete(Path.Combine(_run, FileName));
            foreach (string folder in _created.Where(folder => !Directory.EnumerateFileSystemEntries(folder).Any()))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // An empty directory stays; the next start finds no run in it.
        }
    }
}
