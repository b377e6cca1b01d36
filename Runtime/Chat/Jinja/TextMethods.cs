using System.Globalization;

namespace Factory.Runtime.Chat.Jinja;

/// <summary>The methods of Python's str.</summary>
internal static class TextMethods
{
    public static Func<Arguments, object?>? Find(MarkedText text, string name, Budget budget)
    {
        budget.Spend(text.Length);
        return name switch
        {
            "strip" => arguments => text.Trim(Characters(arguments), left: true, right: true),
            "lstrip" => arguments => text.Trim(Characters(arguments), left: true, right: false),
            "rstrip" => arguments => text.Trim(Characters(arguments), left: false, right: true),
            "split" => arguments => text.Split(Separator(arguments), Limit(arguments)),
            "rsplit" => arguments => SplitFromRight(text, arguments),
            "splitlines" => arguments => Lines(text, arguments.Truth(0, "keepends", false)),
            "partition" => arguments => Partition(text, arguments, text.Text.IndexOf(arguments.Text(0, "sep").Text, StringComparison.Ordinal)),
            "rpartition" => arguments => Partition(text, arguments, text.Text.LastIndexOf(arguments.Text(0, "sep").Text, StringComparison.Ordinal)),
            "startswith" => arguments => Any(arguments, part => text.Text.StartsWith(part, StringComparison.Ordinal)),
            "endswith" => arguments => Any(arguments, part => text.Text.EndsWith(part, StringComparison.Ordinal)),
            "removeprefix" => arguments => arguments.Text(0, "prefix").Text is var prefix && text.Text.StartsWith(prefix, StringComparison.Ordinal) ? text.Slice(prefix.Length, text.Length - prefix.Length) : text,
            "removesuffix" => arguments => arguments.Text(0, "suffix").Text is { Length: > 0 } suffix && text.Text.EndsWith(suffix, StringComparison.Ordinal) ? text.Slice(0, text.Length - suffix.Length) : text,
            "upper" => _ => text.Become(text.Text.ToUpperInvariant()),
            "lower" => _ => text.Become(text.Text.ToLowerInvariant()),
            "title" => _ => Title(text),
            "capitalize" => _ => Capitalize(text),
            "replace" => arguments => text.Replace(arguments.Text(0, "old").Text, arguments.Text(1, "new"), (int)arguments.Whole(2, "count", -1), budget),
            "find" => arguments => (long)text.Text.IndexOf(arguments.Text(0, "sub").Text, StringComparison.Ordinal),
            "rfind" => arguments => (long)text.Text.LastIndexOf(arguments.Text(0, "sub").Text, StringComparison.Ordinal),
            "index" => arguments => text.Text.IndexOf(arguments.Text(0, "sub").Text, StringComparison.Ordinal) is >= 0 and int at ? (long)at : throw new ChatTemplateError("substring not found"),
            "count" => arguments => Count(text.Text, arguments.Text(0, "sub").Text),
            "join" => arguments => Join(text, arguments, budget),
            "format" => arguments => FormatMethod.Apply(text, arguments),
            "isdigit" or "isdecimal" or "isnumeric" => _ => text.Length > 0 && text.Text.All(char.IsDigit),
            "isalpha" => _ => text.Length > 0 && text.Text.All(char.IsLetter),
            "isalnum" => _ => text.Length > 0 && text.Text.All(char.IsLetterOrDigit),
            "isspace" => _ => text.Length > 0 && text.Text.All(PythonText.IsSpace),
            "isupper" => _ => text.Text.Any(char.IsUpper) && !text.Text.Any(char.IsLower),
            "islower" => _ => text.Text.Any(char.IsLower) && !text.Text.Any(char.IsUpper),
            "zfill" => arguments => MarkedText.Template(new string('0', Padding(text, arguments, budget))) + text,
            "ljust" => arguments => text + MarkedText.Template(new string(' ', Padding(text, arguments, budget))),
            "rjust" => arguments => MarkedText.Template(new string(' ', Padding(text, arguments, budget))) + text,
            _ => null,
        };
    }

    public static MarkedText Capitalize(MarkedText text) =>
        text.Length == 0 ? text : text.Become(text.Text[..1].ToUpperInvariant() + text.Text[1..].ToLowerInvariant());

    public static MarkedText Title(MarkedText text)
    {
        char[] characters = text.Text.ToLowerInvariant().ToCharArray();
        for (int i = 0; i < characters.Length; i++)
        {
            if (char.IsLetter(characters[i]) && (i == 0 || !char.IsLetter(characters[i - 1])))
            {
                characters[i] = char.ToUpper(characters[i], CultureInfo.InvariantCulture);
            }
        }
        return text.Become(new string(characters));
    }

    private static string? Characters(Arguments arguments) => arguments.Get(0, "chars", null) is null ? null : arguments.Text(0, "chars").Text;

    private static string? Separator(Arguments arguments) => arguments.Get(0, "sep", null) is null ? null
        : arguments.Text(0, "sep").Text is { Length: > 0 } separator ? separator : throw new ChatTemplateError("empty separator");

    private static int Limit(Arguments arguments) => (int)Math.Clamp(arguments.Whole(1, "maxsplit", -1), -1, int.MaxValue);

    private static List<object?> SplitFromRight(MarkedText text, Arguments arguments)
    {
        int limit = Limit(arguments);
        List<object?> parts = text.Split(Separator(arguments), -1);
        if (limit < 0 || parts.Count <= limit + 1)
        {
            return parts;
        }
        int kept = parts.Skip(parts.Count - limit).Sum(part => ((MarkedText)part!).Length);
        int end = text.Length - kept - (limit * (Separator(arguments)?.Length ?? 1));
        return [text.Slice(0, Math.Max(end, 0)), .. parts.Skip(parts.Count - limit)];
    }

    private static List<object?> Lines(MarkedText text, bool keepEnds)
    {
        var lines = new List<object?>();
        int start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text.Text[at] is not ('\n' or '\r' or '\v' or '\f' or '\u0085' or '\u2028' or '\u2029'))
            {
                continue;
            }
            int end = text.Text[at] == '\r' && at + 1 < text.Length && text.Text[at + 1] == '\n' ? at + 2 : at + 1;
            lines.Add(text.Slice(start, (keepEnds ? end : at) - start));
            start = end;
            at = end - 1;
        }
        if (start < text.Length)
        {
            lines.Add(text.Slice(start, text.Length - start));
        }
        return lines;
    }

    private static TupleValue Partition(MarkedText text, Arguments arguments, int at)
    {
        int length = arguments.Text(0, "sep").Length;
        return at < 0
            ? new TupleValue([text, MarkedText.Empty, MarkedText.Empty])
            : new TupleValue([text.Slice(0, at), text.Slice(at, length), text.Slice(at + length, text.Length - at - length)]);
    }

    private static bool Any(Arguments arguments, Predicate<string> matches) => arguments.Required(0, "prefix") is TupleValue tuple
        ? tuple.Items.Any(item => matches(Values.AsText(item, "prefix").Text))
        : matches(arguments.Text(0, "prefix").Text);

    private static long Count(string text, string part) => part.Length == 0 ? text.Length + 1L : (long)((text.Length - text.Replace(part, "", StringComparison.Ordinal).Length) / part.Length);

    private static MarkedText Join(MarkedText separator, Arguments arguments, Budget budget)
    {
        List<MarkedText> parts = [.. Values.Iterate(arguments.Required(0, "iterable"), budget).Select(item => Values.AsText(item, "join"))];
        budget.Spend(parts.Sum(part => (long)part.Length + separator.Length));
        return MarkedText.Join(parts.SelectMany((part, i) => i == 0 ? new[] { part } : [separator, part]));
    }

    private static int Padding(MarkedText text, Arguments arguments, Budget budget)
    {
        long padding = Math.Max(arguments.Whole(0, "width", 0) - text.Length, 0);
        budget.Spend(Math.Min(padding, Budget.MaximumWork + 1));
        return (int)padding;
    }
}
