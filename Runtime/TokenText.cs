using Factory.Core.Text;

namespace Factory.Runtime;

/// <summary>Turns a growing list of tokens into text, whole characters at a time.</summary>
internal sealed class TokenText(TextTokenizer tokenizer, IEnumerable<int> prompt)
{
    private const char Incomplete = '\uFFFD';

    private readonly List<int> _ids = [.. prompt];
    private string _given = tokenizer.Decode(prompt);

    public string Append(int id)
    {
        _ids.Add(id);
        string text = tokenizer.Decode(_ids);
        return text.EndsWith(Incomplete) ? "" : Advance(text);
    }

    public string Flush() => Advance(tokenizer.Decode(_ids));

    private string Advance(string text)
    {
        string added = text.Length > _given.Length ? text[_given.Length..] : "";
        _given = text;
        return added;
    }
}
