using System.Globalization;
using System.Text;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>How Python spells values and what it takes for white space.</summary>
internal static class PythonText
{
    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\u001C' and <= '\u001F';

    /// <summary>str(value).</summary>
    public static MarkedText FromValue(object? value) => value switch
    {
        MarkedText text => text,
        Undefined => MarkedText.Empty,
        _ => Mark(value, Spell(value)),
    };

    /// <summary>repr(value).</summary>
    public static string Represent(object? value)
    {
        switch (value)
        {
            case MarkedText text:
                return Quote(text.Text);
            case List<object?> list:
                return $"[{string.Join(", ", list.Select(Represent))}]";
            case TupleValue tuple:
                return tuple.Items.Count == 1 ? $"({Represent(tuple.Items[0])},)" : $"({string.Join(", ", tuple.Items.Select(Represent))})";
            case DictValue dict:
                return $"{{{string.Join(", ", dict.Items.Select(item => $"{Represent(item.Key)}: {Represent(item.Value)}"))}}}";
            case Undefined:
                return "Undefined";
            default:
                return Spell(value);
        }
    }

    public static string Number(double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        double size = Math.Abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e16))
        {
            string scientific = shortest.Contains('E', StringComparison.Ordinal) ? shortest : value.ToString("E16", CultureInfo.InvariantCulture);
            string[] parts = scientific.Split('E');
            string digits = parts[0].Contains('.', StringComparison.Ordinal) ? parts[0].TrimEnd('0').TrimEnd('.') : parts[0];
            int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
            return string.Create(CultureInfo.InvariantCulture, $"{digits}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):D2}");
        }
        string plain = shortest.Contains('E', StringComparison.Ordinal) ? value.ToString("F20", CultureInfo.InvariantCulture).TrimEnd('0') : shortest;
        return plain.Contains('.', StringComparison.Ordinal) ? plain.EndsWith('.') ? plain + "0" : plain : plain + ".0";
    }

    private static string Spell(object? value) => value switch
    {
        null => "None",
        true => "True",
        false => "False",
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        double number => Number(number),
        List<object?> or TupleValue or DictValue => Represent(value),
        _ => $"<{value.GetType().Name}>",
    };

    private static MarkedText Mark(object? value, string text) => value is List<object?> or TupleValue or DictValue ? MarkedText.FromConversation(text) : MarkedText.Template(text);

    private static string Quote(string text)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var result = new StringBuilder().Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
        {
            result.Append(rune.Value switch
            {
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                int code when code == quote => $"\\{quote}",
                int code when code < 0x20 || code is >= 0x7F and < 0xA1 or 0xAD => $"\\x{code:x2}",
                _ => rune.ToString(),
            });
        }
        return result.Append(quote).ToString();
    }
}
