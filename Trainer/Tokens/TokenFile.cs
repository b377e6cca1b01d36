using System.Runtime.InteropServices;

namespace Factory.Trainer.Tokens;

/// <summary>Writes the token file of one split, as uint16 or uint32, little-endian, and notes where each document starts.</summary>
internal sealed class TokenFile : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly FileStream _stream;
    private readonly bool _wide;

    public TokenFile(string path, bool wide)
    {
        _wide = wide;
        Path = path;
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, BufferBytes);
    }

    public string Path { get; }

    /// <summary>Tokens so far.</summary>
    public long Count { get; private set; }

    /// <summary>Documents so far, copies of one counted each.</summary>
    public long Documents { get; private set; }

    /// <summary>Takes the number of the first token of each document; null: nobody wants to know.</summary>
    public DocumentStarts? Starts { get; init; }

    /// <summary>What follows is a new document.</summary>
    public void Open()
    {
        Documents++;
        Starts?.Add(Count);
    }

    public void Add(ReadOnlySpan<int> ids)
    {
        Count += ids.Length;
        if (_wide)
        {
            _stream.Write(MemoryMarshal.AsBytes(ids));
            return;
        }
        Span<ushort> narrow = stackalloc ushort[256];
        while (!ids.IsEmpty)
        {
            int length = Math.Min(ids.Length, narrow.Length);
            for (int i = 0; i < length; i++)
            {
                narrow[i] = checked((ushort)ids[i]);
            }
            _stream.Write(MemoryMarshal.AsBytes(narrow[..length]));
            ids = ids[length..];
        }
    }

    /// <summary>Writes the tokens from number <paramref name="start"/> up to <paramref name="end"/> again, as a document of their own.</summary>
    public void Repeat(long start, long end)
    {
        Open();
        var buffer = new byte[BufferBytes];
        for (long at = start * Width, last = end * Width; at < last;)
        {
            _stream.Flush();
            int read = RandomAccess.Read(_stream.SafeFileHandle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, last - at)), at);
            _stream.Write(buffer, 0, read);
            at += read;
        }
        Count += end - start;
    }

    /// <summary>Moves the last <paramref name="count"/> tokens to the end of <paramref name="destination"/>.</summary>
    public void MoveTail(long count, TokenFile destination)
    {
        _stream.Seek((Count - count) * Width, SeekOrigin.Begin);
        _stream.CopyTo(destination._stream);
        _stream.SetLength((Count - count) * Width);
        Count -= count;
        destination.Count += count;
    }

    /// <summary>Moves everything to <paramref name="destination"/>, which is empty.</summary>
    public void MoveAll(TokenFile destination)
    {
        MoveTail(Count, destination);
        (destination.Documents, Documents) = (Documents, 0);
        destination.Starts?.Add(0);
    }

    public void Dispose() => _stream.Dispose();

    private long Width => TokenSplit.Width(_wide);
}
