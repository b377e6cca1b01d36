using System.Text;

namespace Factory.Core.Text;

/// <summary>
/// What SentencePiece does to a text before it looks for pieces: replaces characters (nmt_nfkc and the like), trims spaces, puts one in front,
/// writes spaces as '▁'. A text of characters that all vanish still gets the space in front, unless spaces are trimmed.
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
    /// <param name="prefix">Whether the model's space in front is put; where spaces are trimmed it always is.</param>
    public string Normalize(string text, bool prefix)
    {
        if (text.Length == 0)
        {
            return "";
        }
        bool trims = _model.RemoveExtraWhitespaces;
        var result = new StringBuilder(text.Length + 1);
        if (_model.AddDummyPrefix && (prefix || trims))
        {
            result.Append(Space);
        }
        bool afterSpace = trims;
        if (_map is null)
        {
            string sound = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            for (int at = 0; at < sound.Length; at++)
            {
                afterSpace = Append(result, sound.AsSpan(at, 1), afterSpace);
            }
        }
        else
        {
            AppendMapped(result, _map, text, afterSpace);
        }
        int length = result.Length;
        while (trims && length > 0 && result[length - 1] == Space)
        {
            length--;
        }
        return result.ToString(0, length);
    }

    /// <summary>Adds one character or what stands for it; only spaces at its start fall to those before it, as in SentencePiece.</summary>
    /// <returns>Whether a space that follows is one too many.</returns>
    private bool Append(StringBuilder result, ReadOnlySpan<char> part, bool afterSpace)
    {
        part = afterSpace ? part.TrimStart(' ') : part;
        foreach (char character in part)
        {
            result.Append(character == ' ' ? Space : character);
        }
        return part.IsEmpty ? afterSpace : _model.RemoveExtraWhitespaces && part[^1] == ' ';
    }

    private void AppendMapped(StringBuilder result, CharacterMap map, string text, bool afterSpace)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int at = 0;
        for (int byteAt = 0; byteAt < bytes.Length;)
        {
            ReadOnlySpan<byte> rest = bytes.AsSpan(byteAt);
            int length = _userDefined.LengthAt(text.AsSpan(at));
            int taken = Encoding.UTF8.GetByteCount(text.AsSpan(at, length));
            string part = text.Substring(at, length);
            if (taken == 0)
            {
                taken = map.Match(rest, out part);
            }
            if (taken == 0)
            {
                Rune.DecodeFromUtf8(rest, out Rune rune, out taken);
                part = rune.ToString();
            }
            afterSpace = Append(result, part, afterSpace);
            at += Encoding.UTF8.GetCharCount(rest[..taken]);
            byteAt += taken;
        }
    }
}
