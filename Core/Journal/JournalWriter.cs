using System.Text.Encodings.Web;
using System.Text.Json;

namespace Factory.Core.Journal;

/// <summary>Appends records to metrics.jsonl. One writer at a time: whoever opens it holds the run's lock.</summary>
public sealed class JournalWriter : IDisposable
{
    private static readonly JsonSerializerOptions Compact = new(JournalFile.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly FileStream _stream;

    private JournalWriter(FileStream stream) => _stream = stream;

    /// <summary>Bytes written so far.</summary>
    public long Length => _stream.Length;

    /// <summary>Opens the journal of <paramref name="run"/>, a directory that is there, and cuts off what came after its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="UserError">The journal has lost lines, or cannot be written to.</exception>
    public static JournalWriter Open(string run, long length)
    {
        string path = Path.Combine(run, JournalFile.Name);
        if (File.Exists(path) && new FileInfo(path).Length is long found && found < length)
        {
            throw new UserError($"{path}: expected at least {length} bytes, as the checkpoint says, found {found}: lines are lost. Restore the file, or move it away to go on without the old lines.");
        }
        try
        {
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            stream.SetLength(Math.Min(length, stream.Length));
            stream.Seek(0, SeekOrigin.End);
            return new JournalWriter(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: expected a journal to write to: {error.Message}", error);
        }
    }

    public void Append(JournalRecord record)
    {
        JsonSerializer.Serialize(_stream, record, Compact);
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <summary>Waits until the disk has what was appended.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    public void Dispose() => _stream.Dispose();
}
