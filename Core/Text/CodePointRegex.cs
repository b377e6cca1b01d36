using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Factory.Core.Text;

/// <summary>
/// A regular expression over code points, as Hugging Face's tokenizers use it. .NET's work on UTF-16, where a letter beyond U+FFFF is two
/// surrogates and no letter: it is matched as another character of its category instead.
/// </summary>
internal sealed class CodePointRegex
{
    /// <summary>Patterns come with models; one that takes longer than this for a text is hostile.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Regex _regex;
    private readonly string _source;

    /// <exception cref="UserError">.NET has no such pattern.</exception>
    public CodePointRegex(string pattern, string source)
    {
        _source = source;
        try
        {
            _regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, Limit);
        }
        catch (ArgumentException error)
        {
            throw new UserError($"{source}: expected a regular expression that .NET has too, found '{pattern}': {error.Message}", error);
        }
    }

    /// <summary>The places of all matches in <paramref name="text"/>; empty ones are left out.</summary>
    public List<Range> Matches(string text)
    {
        int[]? starts = null;
        string shadow = text.Any(char.IsSurrogate) ? Shadow(text, out starts) : text;
        var matches = new List<Range>();
        try
        {
            foreach (ValueMatch match in _regex.EnumerateMatches(shadow))
            {
                if (match.Length > 0)
                {
                    matches.Add(starts is null ? match.Index..(match.Index + match.Length) : starts[match.Index]..starts[match.Index + match.Length]);
                }
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new UserError($"{_source}: expected a regular expression that splits a text in reasonable time, found one that took over {Limit.TotalSeconds} seconds.", error);
        }
        return matches;
    }

    /// <param name="starts">Where each character of the shadow stands in the text, and the text's end.</param>
    private static string Shadow(string text, out int[] starts)
    {
        var shadow = new StringBuilder(text.Length);
        var places = new List<int>(text.Length + 1);
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            places.Add(at);
            shadow.Append(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
            at += rune.Utf16SequenceLength;
        }
        places.Add(at);
        starts = [.. places];
        return shadow.ToString();
    }

    /// <summary>A character of the category that patterns do not name.</summary>
    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0100',
        UnicodeCategory.LowercaseLetter => '\u0101',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u01BB',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u2160',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u00AB',
        UnicodeCategory.FinalQuotePunctuation => '\u00BB',
        UnicodeCategory.OtherPunctuation => '\u203D',
        UnicodeCategory.MathSymbol => '\u2200',
        UnicodeCategory.CurrencySymbol => '\u20A0',
        UnicodeCategory.ModifierSymbol => '\u02D8',
        UnicodeCategory.OtherSymbol => '\u2100',
        UnicodeCategory.Format => '\u00AD',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378', // Not assigned.
    };
}
