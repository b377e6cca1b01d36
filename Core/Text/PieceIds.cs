using System.Text;

namespace Factory.Core.Text;

/// <summary>The ids of a text as its pieces are found. What is no piece becomes its UTF-8 bytes' pieces or, without byte fallback, one unknown id per run.</summary>
/// <param name="unknownId">Stands for what is no piece.</param>
/// <param name="byteIds">The byte pieces by value; null without byte fallback.</param>
internal sealed class PieceIds(int unknownId, int[]? byteIds)
{
    private readonly List<int> _ids = [];
    private readonly List<int> _ends = [];
    private int _end;
    private bool _afterUnknown;

    public IReadOnlyList<int> All => _ids;

    /// <summary>Where each id's characters end in the normalized text; they start where those of the id before end. Bytes of one character share an end.</summary>
    public IReadOnlyList<int> Ends => _ends;

    /// <summary>Adds one piece; <paramref name="id"/> is null when <paramref name="text"/> is none.</summary>
    public void Add(ReadOnlySpan<char> text, int? id)
    {
        if (id is int known)
        {
            _end += text.Length;
            Add(known);
            _afterUnknown = false;
        }
        else if (byteIds is not null)
        {
            Span<byte> bytes = stackalloc byte[4];
            foreach (Rune rune in text.EnumerateRunes())
            {
                _end += rune.Utf16SequenceLength;
                foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    Add(byteIds[value]);
                }
            }
        }
        else
        {
            _end += text.Length;
            if (_afterUnknown)
            {
                _ends[^1] = _end;
                return;
            }
            Add(unknownId);
            _afterUnknown = true;
        }
    }

    private void Add(int id)
    {
        _ids.Add(id);
        _ends.Add(_end);
    }
}
