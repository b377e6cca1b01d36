namespace Factory.Runtime.Chat.Jinja;

/// <summary>A string that remembers which of its characters come from the conversation rather than from the template.</summary>
internal sealed class MarkedText : IEquatable<MarkedText>
{
    private MarkedText(string text, IReadOnlyList<Range> literal)
    {
        Text = text;
        Literal = literal;
    }

    public static MarkedText Empty { get; } = Template("");

    public string Text { get; }

    /// <summary>Places from the conversation; in order, without overlaps, none empty.</summary>
    public IReadOnlyList<Range> Literal { get; }

    public int Length => Text.Length;

    /// <summary>Text of the template's own.</summary>
    public static MarkedText Template(string text) => new(text, []);

    /// <summary>Text of the conversation.</summary>
    public static MarkedText FromConversation(string text) => new(text, text.Length == 0 ? [] : [0..text.Length]);

    public static MarkedText Join(IEnumerable<MarkedText> parts)
    {
        var text = new System.Text.StringBuilder();
        var literal = new List<Range>();
        foreach (MarkedText part in parts)
        {
            foreach (Range range in part.Literal)
            {
                int start = range.Start.Value + text.Length;
                int end = range.End.Value + text.Length;
                if (literal.Count > 0 && literal[^1].End.Value == start)
                {
                    literal[^1] = literal[^1].Start..end;
                }
                else
                {
                    literal.Add(start..end);
                }
            }
            text.Append(part.Text);
        }
        return new MarkedText(text.ToString(), literal);
    }

    public static MarkedText operator +(MarkedText left, MarkedText right) => Join([left, right]);

    public MarkedText Slice(int start, int length) => start == 0 && length == Length ? this : new MarkedText(Text.Substring(start, length),
        [.. Literal
            .Select(range => Math.Max(range.Start.Value - start, 0)..Math.Min(Math.Max(range.End.Value - start, 0), length))
            .Where(range => range.Start.Value < range.End.Value)]);

    /// <summary>Another text made of this one: from the conversation as a whole if any of this is.</summary>
    public MarkedText Become(string text) => Literal.Count == 0 ? Template(text)
        : text.Length == Length && Literal is [var all] && all.Start.Value == 0 && all.End.Value == Length ? FromConversation(text)
        : text.Length == Length ? new MarkedText(text, Literal) : FromConversation(text);

    public MarkedText Trim(string? characters, bool left, bool right)
    {
        bool Drops(char character) => characters is null ? PythonText.IsSpace(character) : characters.Contains(character, StringComparison.Ordinal);
        int start = 0;
        int end = Length;
        while (left && start < end && Drops(Text[start]))
        {
            start++;
        }
        while (right && end > start && Drops(Text[end - 1]))
        {
            end--;
        }
        return Slice(start, end - start);
    }

    /// <summary>Parts between separators; with a null separator, words between white space.</summary>
    public List<object?> Split(string? separator, int limit)
    {
        var parts = new List<object?>();
        int at = 0;
        if (separator is null)
        {
            while (true)
            {
                while (at < Length && PythonText.IsSpace(Text[at]))
                {
                    at++;
                }
                if (at == Length)
                {
                    return parts;
                }
                int end = at;
                while (end < Length && !PythonText.IsSpace(Text[end]))
                {
                    end++;
                }
                if (limit >= 0 && parts.Count == limit)
                {
                    parts.Add(Slice(at, Length - at).Trim(null, false, true));
                    return parts;
                }
                parts.Add(Slice(at, end - at));
                at = end;
            }
        }
        for (int next; (limit < 0 || parts.Count < limit) && (next = Text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = next + separator.Length)
        {
            parts.Add(Slice(at, next - at));
        }
        parts.Add(Slice(at, Length - at));
        return parts;
    }

    public MarkedText Replace(string from, MarkedText to, int limit, Budget budget)
    {
        var parts = new List<MarkedText>();
        int at = 0;
        int done = 0;
        if (from.Length == 0)
        {
            throw new ChatTemplateError("expected a text to replace, found an empty one.");
        }
        for (int next; (limit < 0 || done < limit) && (next = Text.IndexOf(from, at, StringComparison.Ordinal)) >= 0; at = next + from.Length, done++)
        {
            budget.Spend(1 + to.Length);
            parts.Add(Slice(at, next - at));
            parts.Add(to);
        }
        parts.Add(Slice(at, Length - at));
        return Join(parts);
    }

    public bool Equals(MarkedText? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as MarkedText);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;
}
