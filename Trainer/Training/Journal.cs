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

    private readonly FileStream _stream;

    private Journal(FileStream stream) => _stream = stream;

    /// <summary>Bytes written so far.</summary>
    public long Length => _stream.Length;

    /// <summary>Opens the journal of <paramref name="run"/> and cuts off what came after its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="UserError">Another process writes it.</exception>
    public static Journal Open(string run, long length)
    {
        string path = Path.Combine(run, FileName);
        try
        {
            Directory.CreateDirectory(run);
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            stream.SetLength(Math.Min(length, stream.Length));
            stream.Seek(0, SeekOrigin.End);
            return new Journal(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"{path}: expected a journal to write to: {error.Message} Is another process training this run?", error);
        }
    }

    public void Append(JsonObject line)
    {
        JsonSerializer.Serialize(_stream, line, Compact);
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <summary>Waits until the disk has what was appended.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    public void Dispose() => _stream.Dispose();
}
