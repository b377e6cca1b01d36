using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Journal;

namespace Factory.Trainer.Training;

/// <summary>Keeps a run to one process. It ends with the process, however that ends; a run in which nothing was started leaves no trace.</summary>
public sealed class RunLock : IDisposable
{
    private const string Key = "training";

    private readonly string _run;
    private readonly WriterLock _lock;
    private readonly List<string> _created;

    private RunLock(string run, WriterLock held, List<string> created) => (_run, _lock, _created) = (run, held, created);

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
            return WriterLock.TryTake(run, Key) is WriterLock held
                ? new RunLock(run, held, created)
                : throw new UserError($"{run}: expected a run that no other process is training, found one at it. Wait for that to end, or choose another directory with --output.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{run}: expected a directory to write a run in: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        if (_created.Count == 0 || File.Exists(Path.Combine(_run, JournalFile.Name)))
        {
            return;
        }
        try
        {
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
