using System.Text;
using Factory.Core;

namespace Factory.Trainer.Tokens;

/// <summary>Text that must be UTF-8; a stray byte is an error and not a silent U+FFFD.</summary>
internal static class StrictUtf8
{
    public static Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="UserError">What is read is not UTF-8, or the compressed stream is damaged; <paramref name="where"/> says where.</exception>
    public static T Read<T>(Func<T> read, string where)
    {
        try
        {
            return read();
        }
        catch (DecoderFallbackException error)
        {
            throw new UserError($"{where}: expected UTF-8 text, found the bytes {Convert.ToHexString(error.BytesUnknown ?? [])}. Convert the file (iconv -t UTF-8).", error);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{where}: expected gzip data, found something else: {error.Message} Fetch the file again.", error);
        }
    }
}
