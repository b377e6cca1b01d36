using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// Byte-pair encoding by a table of merges, as Hugging Face's tokenizers do it: of all neighbours that merge, those of the lowest rank first, and
/// among equals the leftmost. (SentencePiece goes by the score of the joined piece instead: <see cref="BytePairEncoder"/>.)
/// </summary>
internal sealed class MergeEncoder
{
    private readonly MergeTable _table;
    private readonly int?[]? _byteLevel;

    /// <param name="byteLevel">Words are taken byte by byte, each spelled as in <see cref="ByteAlphabet"/>.</param>
    public MergeEncoder(MergeTable table, bool byteLevel)
    {
        _table = table;
        _byteLevel = byteLevel ? [.. Enumerable.Range(0, 256).Select(value => table.IdOf(ByteAlphabet.CharacterOf((byte)value).ToString()))] : null;
    }

    /// <summary>Adds the ids of one word.</summary>
    public void Encode(Word word, PieceIds output)
    {
        byte[]? bytes = _byteLevel is null ? null : Encoding.UTF8.GetBytes(word.Text);
        if (_table.IgnoresMerges && _table.IdOf(bytes is null ? word.Text : string.Concat(bytes.Select(ByteAlphabet.CharacterOf))) is int whole)
        {
            output.AddUpTo(whole, word.Length);
            output.EndWord(word.Length);
            return;
        }
        List<Symbol> symbols = bytes is null ? FromCharacters(word.Text) : FromBytes(bytes);
        Merge(symbols);
        int added = word.Text.Length - word.Length; // A space in front that the normalized text does not have.
        int done = 0;
        for (int at = 0; at >= 0 && at < symbols.Count; at = symbols[at].Next)
        {
            done += symbols[at].Length;
            int end = bytes is null ? done : Encoding.UTF8.GetCharCount(bytes.AsSpan(0, WholeCharacters(bytes, done)));
            output.AddUpTo(symbols[at].Id, Math.Max(end - added, 0));
        }
        output.EndWord(word.Length);
    }

    private List<Symbol> FromBytes(byte[] bytes)
    {
        var symbols = new List<Symbol>(bytes.Length);
        foreach (byte value in bytes)
        {
            if ((_byteLevel![value] ?? _table.UnknownId) is int id)
            {
                symbols.Add(new Symbol(id, 1));
            }
        }
        return symbols;
    }

    private List<Symbol> FromCharacters(string text)
    {
        var symbols = new List<Symbol>(text.Length);
        Span<byte> bytes = stackalloc byte[4];
        bool afterUnknown = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int length = rune.Utf16SequenceLength;
            if (_table.IdOf(rune.ToString()) is int id)
            {
                symbols.Add(new Symbol(id, length));
                afterUnknown = false;
            }
            else if (_table.ByteIds is int[] byteIds)
            {
                int count = rune.EncodeToUtf8(bytes);
                for (int i = 0; i < count; i++)
                {
                    symbols.Add(new Symbol(byteIds[bytes[i]], i + 1 < count ? 0 : length));
                }
            }
            else if (afterUnknown && _table.FusesUnknown)
            {
                symbols[^1] = symbols[^1] with { Length = symbols[^1].Length + length };
            }
            else if (_table.UnknownId is int unknown)
            {
                symbols.Add(new Symbol(unknown, length));
                afterUnknown = true;
            }
        }
        return symbols;
    }

    private void Merge(List<Symbol> symbols)
    {
        for (int i = 0; i < symbols.Count; i++)
        {
            symbols[i] = symbols[i] with { Previous = i - 1, Next = i + 1 };
        }
        var queue = new PriorityQueue<(int Left, int LeftId, int RightId, int Joined), (int Rank, int Left)>();
        for (int i = 0; i + 1 < symbols.Count; i++)
        {
            Consider(i);
        }
        while (queue.TryDequeue(out (int Left, int LeftId, int RightId, int Joined) merge, out _))
        {
            Symbol left = symbols[merge.Left];
            if (left.Id != merge.LeftId || left.Next >= symbols.Count || symbols[left.Next].Id != merge.RightId)
            {
                continue; // One side has been merged with something else in the meantime.
            }
            Symbol right = symbols[left.Next];
            symbols[left.Next] = right with { Id = -1 };
            symbols[merge.Left] = left with { Id = merge.Joined, Length = left.Length + right.Length, Next = right.Next };
            if (right.Next < symbols.Count)
            {
                symbols[right.Next] = symbols[right.Next] with { Previous = merge.Left };
                Consider(merge.Left);
            }
            if (left.Previous >= 0)
            {
                Consider(left.Previous);
            }
        }

        void Consider(int left)
        {
            (int leftId, int rightId) = (symbols[left].Id, symbols[symbols[left].Next].Id);
            if (_table.Find(leftId, rightId) is (int rank, int joined))
            {
                queue.Enqueue((left, leftId, rightId, joined), (rank, left));
            }
        }
    }

    /// <summary>The largest number of bytes up to <paramref name="count"/> that ends no character in the middle.</summary>
    private static int WholeCharacters(byte[] bytes, int count)
    {
        while (count > 0 && count < bytes.Length && (bytes[count] & 0xC0) == 0x80)
        {
            count--;
        }
        return count;
    }

    /// <param name="Length">Bytes or UTF-16 units of the word.</param>
    private readonly record struct Symbol(int Id, int Length, int Previous = -1, int Next = -1);
}
