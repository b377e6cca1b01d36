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
    private int _wordStart;
    private bool _afterUnknown;

    public IReadOnlyList<int> All => _ids;

    /// <summary>Where each id's characters end in the normalized text; they start where those of the id before end. Bytes of one character share an end.</summary>
    public IReadOnlyList<int> Ends => _ends;

    /// <summary>Adds one piece; <paramref name="id"/> is null when <paramref name="text"/> is none.</summary>
    public void Add(ReadOnlySpan<char> text, int? id)
    {
        if (id is int known)
        {
            Add(known, text.Length);
        }
        else if (byteIds is not null)
        {
            Span<byte> bytes = stackalloc byte[4];
            foreach (Rune rune in text.EnumerateRunes())
            {
                Skip(rune.Utf16SequenceLength);
                foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    Add(byteIds[value], 0);
                }
            }
        }
        else if (_afterUnknown)
        {
            Skip(text.Length);
            _ends[^1] = _end;
        }
        else
        {
            Add(unknownId, text.Length);
            _afterUnknown = true;
        }
    }

    /// <summary>Adds an id that takes <paramref name="length"/> characters of the normalized text.</summary>
    public void Add(int id, int length)
    {
        _end += length;
        _ids.Add(id);
        _ends.Add(_end);
        _afterUnknown = false;
    }

    /// <summary>Adds an id that takes the current word's characters up to the given one.</summary>
    public void AddUpTo(int id, int length) => Add(id, Math.Max(_wordStart + length - _end, 0));

    /// <summary>The word, of so many characters in the normalized text, is done.</summary>
    public void EndWord(int length) => _wordStart = _end = _wordStart + length;

    /// <summary>Characters of the normalized text that no id stands for.</summary>
    public void Skip(int length) => _end = _wordStart = _end + length;
}
