using System.Globalization;
using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// Decodes ids one at a time and hands out whole characters as soon as they are certain; bytes of an unfinished UTF-8 character wait. What all
/// <see cref="Append"/> and the closing <see cref="Flush"/> return, joined, is <see cref="TextTokenizer.Decode"/> of all the ids. Not thread-safe.
/// </summary>
public sealed class IncrementalDecoder(TextTokenizer tokenizer)
{
    private const char Space = '▁';

    private readonly SentencePieceModel _model = tokenizer.Model;
    private readonly List<byte> _pending = [];
    private bool _atStart = true;

    /// <summary>
    /// A decoder for text that continues <paramref name="prompt"/>: it delivers what follows the prompt's own text, so that the space in front of
    /// the first new word is kept.
    /// </summary>
    public static IncrementalDecoder After(TextTokenizer tokenizer, IEnumerable<int> prompt)
    {
        var decoder = new IncrementalDecoder(tokenizer);
        foreach (int id in prompt)
        {
            decoder.Append(id);
        }
        return decoder;
    }

    /// <summary>The characters that <paramref name="id"/> completes; often one piece, "" while bytes wait or for a control token.</summary>
    public string Append(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        Piece piece = id < _model.Pieces.Count ? _model.Pieces[id] : new Piece("", 0, PieceType.Control);
        if (piece.Type == PieceType.Byte)
        {
            _pending.Add(byte.Parse(piece.Text.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            string whole = TakeWholeCharacters();
            _atStart &= whole.Length == 0;
            return whole;
        }
        string text = Flush();
        _atStart &= text.Length == 0;
        return piece.Type == PieceType.Control ? text : text + WithoutPrefix(piece.Text).Replace(Space, ' ');
    }

    /// <summary>What still waits: each byte that never became a character is U+FFFD.</summary>
    public string Flush()
    {
        var text = new StringBuilder();
        while (_pending.Count > 0)
        {
            _pending.RemoveAt(0);
            text.Append('\uFFFD').Append(TakeWholeCharacters());
        }
        return text.ToString();
    }

    /// <summary>Takes off the space that encoding puts in front of a text (or, where encoding trims spaces, every one there).</summary>
    private string WithoutPrefix(string piece)
    {
        if (!_atStart)
        {
            return piece;
        }
        bool prefixed = piece[0] == Space && (_model.AddDummyPrefix || _model.RemoveExtraWhitespaces);
        string rest = prefixed ? piece[1..] : piece;
        _atStart = rest.Length == 0 && (!prefixed || _model.RemoveExtraWhitespaces);
        return rest;
    }

    private string TakeWholeCharacters()
    {
        var text = new StringBuilder();
        Span<byte> bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pending);
        int taken = 0;
        while (taken < bytes.Length)
        {
            System.Buffers.OperationStatus status = Rune.DecodeFromUtf8(bytes[taken..], out Rune rune, out int length);
            if (status == System.Buffers.OperationStatus.NeedMoreData)
            {
                break;
            }
            // Like SentencePiece, an invalid sequence is given up byte by byte.
            text.Append(rune.ToString());
            taken += status == System.Buffers.OperationStatus.Done ? length : 1;
        }
        _pending.RemoveRange(0, taken);
        return text.ToString();
    }
}
