using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>A string in quotes, with Python's escapes.</summary>
internal static class TextLiteral
{
    /// <summary>Reads the literal whose opening quote is at <paramref name="at"/>, and leaves that behind its closing one.</summary>
    /// <param name="error">Makes the error of a literal that is none.</param>
    public static string Read(string source, ref int at, Func<string, ChatTemplateError> error)
    {
        char quote = source[at];
        var text = new StringBuilder();
        for (at++; at < source.Length && source[at] != quote; at++)
        {
            if (source[at] != '\\' || at + 1 >= source.Length)
            {
                text.Append(source[at]);
                continue;
            }
            char escape = source[++at];
            int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0)
            {
                string code = at + digits < source.Length ? source.Substring(at + 1, digits) : "";
                text.Append(uint.TryParse(code, NumberStyles.AllowHexSpecifier, null, out uint value) && (Rune.IsValid(value) || value < 0x10000)
                    ? value < 0x10000 ? ((char)value).ToString() : new Rune(value).ToString()
                    : throw error("truncated escape in a string"));
                at += digits;
                continue;
            }
            text.Append(escape switch
            {
                'n' => "\n",
                't' => "\t",
                'r' => "\r",
                'b' => "\b",
                'f' => "\f",
                'v' => "\v",
                'a' => "\a",
                '0' => "\0",
                '\n' => "",
                '\\' or '\'' or '"' => escape.ToString(),
                _ => $"\\{escape}",
            });
        }
        if (at >= source.Length)
        {
            throw error("unterminated string");
        }
        at++;
        return text.ToString();
    }
}
