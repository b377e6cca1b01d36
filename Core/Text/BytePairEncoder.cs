using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// Byte-pair encoding over Unicode characters (Sennrich et al., arXiv 1508.07909) in SentencePiece's order: of all neighbours whose join is a
/// piece, the best-scored is joined first, and among equals the leftmost. (Microsoft.ML.Tokenizers 2.0.1 takes the rightmost, which gives other
/// ids for "_______" and for many runs of one character.)
/// </summary>
internal sealed class BytePairEncoder : IPieceEncoder
{
    private readonly SentencePieceModel _model;
    private readonly UserDefinedPieces _userDefined;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    public BytePairEncoder(SentencePieceModel model, UserDefinedPieces userDefined)
    {
        _model = model;
        _userDefined = userDefined;
        _ids = Enumerable.Range(0, model.Pieces.Count)
            .Where(id => model.Pieces[id].IsText)
            .ToDictionary(id => model.Pieces[id].Text)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public void Encode(ReadOnlySpan<char> word, PieceIds output)
    {
        Symbol[] symbols = Split(word);
        var joins = new PriorityQueue<Join, (float Cost, int Left)>();
        Dictionary<string, int>? unused = null;
        for (int right = 1; right < symbols.Length; right++)
        {
            Consider(word, symbols, right - 1, right, joins, ref unused);
        }
        while (joins.TryDequeue(out Join join, out _))
        {
            ref Symbol left = ref symbols[join.Left];
            ref Symbol right = ref symbols[join.Right];
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != join.Length)
            {
                continue; // One side has been joined to something else in the meantime.
            }
            left.Length = join.Length;
            left.Next = right.Next;
            right.Length = 0;
            if (left.Next < symbols.Length)
            {
                symbols[left.Next].Previous = join.Left;
                Consider(word, symbols, join.Left, left.Next, joins, ref unused);
            }
            if (left.Previous >= 0)
            {
                Consider(word, symbols, left.Previous, join.Left, joins, ref unused);
            }
        }
        for (int at = 0; at < symbols.Length; at = symbols[at].Next)
        {
            Emit(word.Slice(symbols[at].Start, symbols[at].Length), unused, output);
        }
    }

    private Symbol[] Split(ReadOnlySpan<char> word)
    {
        var symbols = new List<Symbol>(word.Length);
        for (int at = 0; at < word.Length;)
        {
            int whole = _userDefined.LengthAt(word[at..]);
            int length = whole;
            if (whole == 0)
            {
                Rune.DecodeFromUtf16(word[at..], out _, out length);
            }
            symbols.Add(new Symbol { Start = at, Length = length, Whole = whole > 0, Previous = symbols.Count - 1, Next = symbols.Count + 1 });
            at += length;
        }
        return [.. symbols];
    }

    private void Consider(
        ReadOnlySpan<char> word, Symbol[] symbols, int left, int right, PriorityQueue<Join, (float Cost, int Left)> joins, ref Dictionary<string, int>? unused)
    {
        if (symbols[left].Whole || symbols[right].Whole)
        {
            return;
        }
        ReadOnlySpan<char> text = word.Slice(symbols[left].Start, symbols[left].Length + symbols[right].Length);
        if (_ids.TryGetValue(text, out int id))
        {
            joins.Enqueue(new Join(left, right, text.Length), (-_model.Pieces[id].Score, left));
            if (_model.Pieces[id].Type == PieceType.Unused)
            {
                (unused ??= [])[text.ToString()] = symbols[left].Length;
            }
        }
    }

    /// <summary>Adds a piece; one that the model marks as unused is taken apart into what it was joined from.</summary>
    private void Emit(ReadOnlySpan<char> text, Dictionary<string, int>? unused, PieceIds output)
    {
        bool known = _ids.TryGetValue(text, out int id);
        if (known && _model.Pieces[id].Type == PieceType.Unused && unused is not null && unused.TryGetValue(text.ToString(), out int left))
        {
            Emit(text[..left], unused, output);
            Emit(text[left..], unused, output);
            return;
        }
        output.Add(text, known ? id : null);
    }

    private readonly record struct Join(int Left, int Right, int Length);

    private struct Symbol
    {
        public int Start;
        public int Length;
        public int Previous;
        public int Next;

        /// <summary>A user-defined piece: joined to nothing.</summary>
        public bool Whole;
    }
}
