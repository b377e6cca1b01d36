using System.Runtime.InteropServices;

namespace Factory.Trainer.Tokens;

/// <summary>Writes the token file of one split, as uint16 or int32, little-endian.</summary>
internal sealed class TokenFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly bool _wide;

    public TokenFile(string path, bool wide)
    {
        _wide = wide;
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 20);
    }

    public long Count { get; private set; }

    public long Documents { get; set; }

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

    /// <summary>Moves the last <paramref name="count"/> tokens to the end of <paramref name="destination"/>.</summary>
    public void MoveTail(long count, TokenFile destination)
    {
        long width = TokenSplit.Width(_wide);
        _stream.Seek((Count - count) * width, SeekOrigin.Begin);
        _stream.CopyTo(destination._stream);
        _stream.SetLength((Count - count) * width);
        Count -= count;
        destination.Count += count;
    }

    public void Dispose() => _stream.Dispose();
}
