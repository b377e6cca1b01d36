using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core;

namespace Factory.Trainer.Training;

/// <summary>
/// metrics.jsonl: a first line about the run's origin and options, then one line per update. Open for one process at a time.
/// </summary>
public sealed class Journal : IDisposable
{
    public const string FileName = "metrics.jsonl";

    private static readonly JsonSerializerOptions Compact = new() { WriteIndented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string LockName = "training.lock";

    private readonly FileStream _stream;
    private readonly FileStream _lock;

    private Journal(FileStream stream, FileStream exclusive) => (_stream, _lock) = (stream, exclusive);

    /// <summary>Bytes written so far.</summary>
    public long Length => _stream.Length;

    /// <summary>Opens the journal of <paramref name="run"/> and cuts off what came after its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="UserError">Another process is training this run, or the directory cannot be written to.</exception>
    public static Journal Open(string run, long length)
    {
        string path = Path.Combine(run, FileName);
        FileStream exclusive;
        try
        {
            Directory.CreateDirectory(run);
            // A file of its own, so that others may read the journal. The lock ends with the process, however that ends.
            exclusive = new FileStream(Path.Combine(run, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{run}: expected a writable directory of a run that no other process is training: {error.Message}", error);
        }
        if (File.Exists(path) && new FileInfo(path).Length is long found && found < length)
        {
            exclusive.Dispose();
            throw new UserError($"{path}: expected at least {length} bytes, as the checkpoint says, found {found}: lines are lost. Restore the file, or move it away to go on without the old lines.");
        }
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.SetLength(Math.Min(length, stream.Length));
        stream.Seek(0, SeekOrigin.End);
        return new Journal(stream, exclusive);
    }

    public void Append(JsonObject line)
    {
        JsonSerializer.Serialize(_stream, line, Compact);
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <summary>Waits until the disk has what was appended.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    public void Dispose()
    {
        _stream.Dispose();
        _lock.Dispose();
    }
}
