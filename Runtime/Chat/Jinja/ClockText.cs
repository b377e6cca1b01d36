using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>Python's strftime for the directives that chat templates use.</summary>
internal static class ClockText
{
    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }
            bool bare = format[++at] == '-' && at + 1 < format.Length;
            char directive = bare ? format[++at] : format[at];
            string value = Format(time, directive);
            text.Append(bare && value.Length > 1 ? value.TrimStart('0') is { Length: > 0 } digits ? digits : "0" : value);
        }
        return text.ToString();
    }

    private static string Format(DateTimeOffset time, char directive)
    {
        string? format = directive switch
        {
            'Y' => "yyyy",
            'y' => "yy",
            'm' => "MM",
            'd' => "dd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'f' => "ffffff",
            'p' => "tt",
            'A' => "dddd",
            'a' => "ddd",
            'B' => "MMMM",
            'b' or 'h' => "MMM",
            'F' => "yyyy-MM-dd",
            'T' => "HH:mm:ss",
            'D' => "MM/dd/yy",
            'R' => "HH:mm",
            _ => null,
        };
        return format is not null ? time.ToString(format, CultureInfo.InvariantCulture) : directive switch
        {
            'j' => time.DayOfYear.ToString("D3", CultureInfo.InvariantCulture),
            'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
            'n' => "\n",
            't' => "\t",
            '%' => "%",
            'Z' or 'z' => "",
            _ => throw new ChatTemplateError($"strftime_now: expected a directive like %Y, %m or %d, found '%{directive}'"),
        };
    }
}
