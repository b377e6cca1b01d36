using System.Security.Cryptography;

namespace Factory.Core.Disk;

/// <summary>
/// The right to write one name, held by one writer of all processes: an exclusive lock on a hidden file beside it. The lock ends with its process,
/// however that ends; the file goes with the lock.
/// </summary>
public sealed class WriterLock : IDisposable
{
    /// <summary>EWOULDBLOCK of Linux and ERROR_SHARING_VIOLATION of Windows, as .NET hands them on.</summary>
    private const int HeldOnLinux = 11;
    private const int HeldOnWindows = unchecked((int)0x80070020);

    private const int MostBytes = 1000;

    private readonly FileStream _file;

    private WriterLock(FileStream file) => _file = file;

    /// <summary>The lock on <paramref name="key"/> in <paramref name="folder"/>, or null where another writer has it.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static WriterLock? TryTake(string folder, string key)
    {
        string path = Path.Combine(folder, $".{key}.lock");
        while (true)
        {
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException error) when (error.HResult is HeldOnLinux or HeldOnWindows)
            {
                return null;
            }
            // Between opening and locking, the last holder may have deleted this file and somebody made another of its name. A length that
            // only this writer knows tells whether the name still means this file.
            file.SetLength(RandomNumberGenerator.GetInt32(1, MostBytes));
            var named = new FileInfo(path);
            if (named.Exists && named.Length == file.Length)
            {
                return new WriterLock(file);
            }
            file.Dispose();
        }
    }

    /// <summary>The lock on <paramref name="key"/> in <paramref name="folder"/>, when the writer that has it is done.</summary>
    /// <inheritdoc cref="TryTake" path="/exception"/>
    /// <exception cref="OperationCanceledException">Waiting was given up.</exception>
    public static WriterLock Wait(string folder, string key, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(folder, key) is WriterLock taken)
            {
                return taken;
            }
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose()
    {
        // First the name, then the lock: the other way round it could be another writer's name.
        File.Delete(_file.Name);
        _file.Dispose();
    }
}
