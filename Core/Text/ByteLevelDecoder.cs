using System.Text;

namespace Factory.Core.Text;

/// <summary>Byte-level tokens to text: their bytes are joined, then read as UTF-8.</summary>
internal sealed class ByteLevelDecoder(Func<int, Piece?> pieceOf) : ITokenDecoder
{
    private readonly ByteBuffer _bytes = new(replaceByteByByte: false);

    public string Append(int id)
    {
        if (pieceOf(id) is not { Type: not PieceType.Control } piece)
        {
            return "";
        }
        var bytes = new byte[piece.Text.Length];
        _bytes.Add(ByteAlphabet.TryRead(piece.Text, bytes) ? bytes : Encoding.UTF8.GetBytes(piece.Text));
        return _bytes.TakeWholeCharacters();
    }

    public string Flush() => _bytes.Flush();
}
