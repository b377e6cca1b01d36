using System.Text;

namespace Factory.Core.Disk;

/// <summary>
/// Text that must be UTF-8, with or without a byte order mark: a stray byte is an error and not a silent U+FFFD, and no mark turns the text
/// into another encoding.
/// </summary>
public static class StrictUtf8
{
    private static readonly UTF8Encoding WithMark = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <summary>Writes no byte order mark; refuses half a surrogate pair as well as a stray byte.</summary>
    public static Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A reader that skips a byte order mark of UTF-8. What it reads goes through <see cref="Read"/>.</summary>
    // Detection would fall back to a lenient decoder as soon as it sees a mark.
    public static StreamReader Reader(Stream stream) => new(stream, WithMark, detectEncodingFromByteOrderMarks: false);

    /// <summary>The text of a whole file, without its byte order mark.</summary>
    /// <exception cref="UserError">It is not UTF-8; <paramref name="where"/> says where.</exception>
    public static string Decode(ReadOnlySpan<byte> bytes, string where)
    {
        try
        {
            return Encoding.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw Refusal(error, where);
        }
    }

    /// <summary>What <paramref name="read"/> gives from a <see cref="Reader"/>.</summary>
    /// <inheritdoc cref="Decode"/>
    public static T Read<T>(Func<T> read, string where)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException error)
        {
            throw Refusal(error, where);
        }
    }

    private static UserError Refusal(DecoderFallbackException error, string where) =>
        new($"{where}: expected UTF-8 text, found the bytes {Convert.ToHexString(error.BytesUnknown ?? [])}. Convert it: iconv -f ENCODING -t UTF-8.", error);
}
