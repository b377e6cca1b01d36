using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Factory.Core.Text;

/// <summary>Bytes of UTF-8 that arrive in parts, given out in whole characters.</summary>
/// <param name="replaceByteByByte">An invalid sequence becomes a U+FFFD per byte, as in SentencePiece, rather than one per longest possible start of a character.</param>
internal sealed class ByteBuffer(bool replaceByteByByte)
{
    private readonly List<byte> _pending = [];

    public void Add(byte value) => _pending.Add(value);

    public void Add(ReadOnlySpan<byte> bytes) => _pending.AddRange(bytes);

    /// <summary>The characters that are certain; bytes of an unfinished one wait.</summary>
    public string TakeWholeCharacters()
    {
        var text = new StringBuilder();
        Span<byte> bytes = CollectionsMarshal.AsSpan(_pending);
        int taken = 0;
        while (taken < bytes.Length)
        {
            OperationStatus status = Rune.DecodeFromUtf8(bytes[taken..], out Rune rune, out int length);
            if (status == OperationStatus.NeedMoreData)
            {
                break;
            }
            text.Append(rune.ToString());
            taken += status == OperationStatus.Done || !replaceByteByByte ? length : 1;
        }
        _pending.RemoveRange(0, taken);
        return text.ToString();
    }

    /// <summary>What still waits, as replacement characters.</summary>
    public string Flush()
    {
        var text = new StringBuilder();
        while (_pending.Count > 0)
        {
            // Unfinished, so a valid start: a replacement for its first byte (then the rest is looked at again) or for all of it.
            _pending.RemoveRange(0, replaceByteByByte ? 1 : _pending.Count);
            text.Append('\uFFFD').Append(TakeWholeCharacters());
        }
        return text.ToString();
    }
}
