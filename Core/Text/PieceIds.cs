using System.Text;

namespace Factory.Core.Text;

/// <summary>The ids of a text as its pieces are found. What is no piece becomes its UTF-8 bytes' pieces or, without byte fallback, one unknown id per run.</summary>
/// <param name="unknownId">Stands for what is no piece.</param>
/// <param name="byteIds">The byte pieces by value; null without byte fallback.</param>
internal sealed class PieceIds(int unknownId, int[]? byteIds)
{
    private readonly List<int> _ids = [];
    private bool _afterUnknown;

    public IReadOnlyList<int> All => _ids;

    /// <summary>Adds one piece; <paramref name="id"/> is null when <paramref name="text"/> is none.</summary>
    public void Add(ReadOnlySpan<char> text, int? id)
    {
        if (id is int known)
        {
            _ids.Add(known);
            _afterUnknown = false;
        }
        else if (byteIds is not null)
        {
            Span<byte> bytes = stackalloc byte[4];
            foreach (Rune rune in text.EnumerateRunes())
            {
                foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    _ids.Add(byteIds[value]);
                }
            }
        }
        else if (!_afterUnknown)
        {
            _ids.Add(unknownId);
            _afterUnknown = true;
        }
    }
}
