using System.Text;
using System.Text.RegularExpressions;

namespace Factory.Evals.Python;

/// <summary>Python's string methods where .NET's differ. Prompts and lengths must be the harness's to the character.</summary>
public static partial class PythonText
{
    /// <summary><c>str.isspace</c> of one character: .NET's white space and the four ASCII separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';

    /// <summary><c>strip()</c></summary>
    public static string Strip(string text) => StripEnd(StripStart(text));

    /// <summary><c>lstrip()</c></summary>
    public static string StripStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }
        return text[start..];
    }

    /// <summary><c>rstrip()</c></summary>
    public static string StripEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }
        return text[..end];
    }

    /// <summary><c>capitalize()</c>: the first character in upper case, all others in lower case.</summary>
    public static string Capitalize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            result.Append(result.Length == 0 ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune));
        }
        return result.ToString();
    }

    /// <summary><c>len()</c>: Unicode code points, not UTF-16 units.</summary>
    public static int Length(string text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }
        return count;
    }

    /// <summary><c>len(re.split(r"\s+", text))</c>: runs of white space plus one, so that empty pieces at the ends count.</summary>
    public static int PiecesBetweenSpaces(string text) => Spaces().Count(text) + 1;

    /// <summary><c>split()</c>: the words between runs of white space.</summary>
    public static string[] Split(string text) => [.. Spaces().Split(text).Where(word => word.Length > 0)];

    /// <summary><c>re.sub(r"\b(a|an|the)\b", " ", text)</c></summary>
    public static string WithoutArticles(string text) => Articles().Replace(text, " ");

    [GeneratedRegex(@"\b(a|an|the)\b")]
    private static partial Regex Articles();

    [GeneratedRegex(@"[\s\x1c-\x1f]+")]
    private static partial Regex Spaces();
}
