namespace Factory.Runtime.Chat.Jinja;

/// <summary>str.format with {}, {0} and {name}; without attributes, indices and format specifications.</summary>
internal static class FormatMethod
{
    public static MarkedText Apply(MarkedText format, Arguments arguments)
    {
        var parts = new List<MarkedText>();
        int next = 0;
        for (int at = 0; at < format.Length;)
        {
            int brace = format.Text.AsSpan(at).IndexOfAny('{', '}');
            if (brace < 0)
            {
                parts.Add(format.Slice(at, format.Length - at));
                break;
            }
            parts.Add(format.Slice(at, brace));
            at += brace;
            if (at + 1 < format.Length && format.Text[at + 1] == format.Text[at])
            {
                parts.Add(format.Slice(at, 1));
                at += 2;
                continue;
            }
            int end = format.Text[at] == '{' ? format.Text.IndexOf('}', at) : -1;
            if (end < 0)
            {
                throw new ChatTemplateError("Single brace encountered in format string");
            }
            string field = format.Text[(at + 1)..end];
            object? value = field.Length == 0 ? arguments.Required(next, $"{next++}")
                : int.TryParse(field, out int index) && index >= 0 ? arguments.Required(index, field)
                : field.All(character => char.IsLetterOrDigit(character) || character == '_') && arguments.Named.TryGetValue(field, out object? named) ? named
                : throw new ChatTemplateError($"expected a format field {{}}, {{0}} or {{name}}, found '{{{field}}}'");
            parts.Add(PythonText.FromValue(value));
            at = end + 1;
        }
        return MarkedText.Join(parts);
    }
}
