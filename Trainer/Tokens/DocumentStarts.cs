using System.Buffers.Binary;

namespace Factory.Trainer.Tokens;

/// <summary>Where each document of a token file starts, kept in a file beside it: a corpus may have more documents than memory has room for.</summary>
internal sealed class DocumentStarts(string path) : IDisposable
{
    private readonly FileStream _stream = new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
    private long _count;

    public void Add(long start)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, start);
        _stream.Write(bytes);
        _count++;
    }

    /// <summary>Documents that start before token number <paramref name="end"/>, after everything was added.</summary>
    public long CountBefore(long end)
    {
        _stream.Flush();
        while (_count > 0 && this[_count - 1] >= end)
        {
            _count--;
        }
        return _count;
    }

    /// <summary>First token of a document.</summary>
    public long this[long number]
    {
        get
        {
            Span<byte> bytes = stackalloc byte[sizeof(long)];
            RandomAccess.Read(_stream.SafeFileHandle, bytes, number * sizeof(long));
            return BinaryPrimitives.ReadInt64LittleEndian(bytes);
        }
    }

    public void Dispose() => _stream.Dispose();
}
