using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// What SentencePiece does to a text before it looks for pieces: replaces characters (nmt_nfkc and the like), trims spaces, puts one in front,
/// writes spaces as '▁'.
/// </summary>
internal sealed class TextNormalizer
{
    public const char Space = '▁';

    private readonly SentencePieceModel _model;
    private readonly UserDefinedPieces _userDefined;
    private readonly CharacterMap? _map;

    public TextNormalizer(SentencePieceModel model, UserDefinedPieces userDefined, string source)
    {
        _model = model;
        _userDefined = userDefined;
        _map = model.CharacterMap.IsEmpty ? null : new CharacterMap(model.CharacterMap.Span, source);
    }

    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="opens">Whether the text opens a sequence; one that follows a special token gets no space in front where spaces are kept as they are.</param>
    public string Normalize(string text, bool opens)
    {
        string mapped = Map(text);
        bool trims = _model.RemoveExtraWhitespaces;
        if ((trims ? mapped.TrimStart(' ') : mapped).Length == 0)
        {
            return "";
        }
        var result = new StringBuilder(mapped.Length + 1);
        if (_model.AddDummyPrefix && (opens || trims))
        {
            result.Append(Space);
        }
        bool afterSpace = trims;
        foreach (char character in mapped)
        {
            if (!(character == ' ' && afterSpace))
            {
                result.Append(character == ' ' ? Space : character);
            }
            afterSpace = trims && character == ' ';
        }
        return trims ? result.ToString().TrimEnd(Space) : result.ToString();
    }

    private string Map(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (_map is null)
        {
            return Encoding.UTF8.GetString(bytes);
        }
        var result = new StringBuilder(text.Length);
        int at = 0;
        for (int byteAt = 0; byteAt < bytes.Length;)
        {
            ReadOnlySpan<byte> rest = bytes.AsSpan(byteAt);
            int length = _userDefined.LengthAt(text.AsSpan(at));
            int taken = Encoding.UTF8.GetByteCount(text.AsSpan(at, length));
            string replacement = text.Substring(at, length);
            if (taken == 0)
            {
                taken = _map.Match(rest, out replacement);
            }
            if (taken == 0)
            {
                Rune.DecodeFromUtf8(rest, out Rune rune, out taken);
                replacement = rune.ToString();
            }
            result.Append(replacement);
            at += Encoding.UTF8.GetCharCount(rest[..taken]);
            byteAt += taken;
        }
        return result.ToString();
    }
}
