using System.Globalization;

namespace Factory.Core.Text;

/// <summary>From SentencePiece ids to text: byte pieces are gathered into characters, and the space that encoding put in front is taken off.</summary>
/// <param name="pieceOf">The piece of an id, added tokens included; null above the vocabulary.</param>
/// <param name="unknownText">What the unknown piece becomes.</param>
internal sealed class SentencePieceDecoder(SentencePieceModel model, Func<int, Piece?> pieceOf, string unknownText) : ITokenDecoder
{
    private readonly ByteBuffer _bytes = new(replaceByteByByte: true);
    private bool _atStart = true;

    public string Append(int id)
    {
        Piece piece = pieceOf(id) ?? new Piece("", 0, PieceType.Control);
        if (piece.Type == PieceType.Byte)
        {
            _bytes.Add(byte.Parse(piece.Text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            string whole = _bytes.TakeWholeCharacters();
            _atStart &= whole.Length == 0;
            return whole;
        }
        string text = _bytes.Flush();
        _atStart &= text.Length == 0;
        if (piece.Type == PieceType.Unknown)
        {
            _atStart = false;
            return text + unknownText;
        }
        return piece.Type == PieceType.Control ? text : text + WithoutPrefix(piece.Text).Replace(TextNormalizer.Space, ' ');
    }

    public string Flush() => _bytes.Flush();

    /// <summary>Takes off the space that encoding puts in front of a text (or, where encoding trims spaces, every one there).</summary>
    private string WithoutPrefix(string piece)
    {
        if (!_atStart)
        {
            return piece;
        }
        bool prefixed = piece[0] == TextNormalizer.Space && (model.AddDummyPrefix || model.RemoveExtraWhitespaces);
        string rest = prefixed ? piece[1..] : piece;
        _atStart = rest.Length == 0 && (!prefixed || model.RemoveExtraWhitespaces);
        return rest;
    }
}
