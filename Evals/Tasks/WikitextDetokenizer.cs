using System.Text.RegularExpressions;

namespace Factory.Evals.Tasks;

/// <summary>
/// Undoes WikiText's spacing of punctuation. The rules and their order are the harness's, with its quirks; scores depend on every one.
/// Its rule for "/' [0-9]/" changes no text and is left out.
/// </summary>
internal static partial class WikitextDetokenizer
{
    private static readonly (string From, string To)[] Punctuation =
    [
        (" @-@ ", "-"), (" @,@ ", ","), (" @.@ ", "."),
        (" : ", ": "), (" ; ", "; "), (" . ", ". "), (" ! ", "! "), (" ? ", "? "), (" , ", ", "),
    ];

    private static readonly (string From, string To)[] Rest =
    [
        ("= = = =", "===="), ("= = =", "==="), ("= =", "=="), (" ° ", "°"), (" \n", "\n"), ("\n ", "\n"), (" N ", " 1 "), (" 's", "'s"),
    ];

    public static string Detokenize(string page)
    {
        page = Replace(page, [("s '", "s'"), .. Punctuation]);
        page = Round().Replace(page, "($1)");
        page = Square().Replace(page, "[$1]");
        page = Curly().Replace(page, "{$1}");
        page = DoubleQuoted().Replace(page, "\"$1\"");
        page = SingleQuoted().Replace(page, "'$1'");
        return Replace(page, Rest);
    }

    private static string Replace(string text, (string From, string To)[] rules) =>
        rules.Aggregate(text, (current, rule) => current.Replace(rule.From, rule.To, StringComparison.Ordinal));

    [GeneratedRegex(@"\(\s*([^)]*?)\s*\)")]
    private static partial Regex Round();

    [GeneratedRegex(@"\[\s*([^\]]*?)\s*\]")]
    private static partial Regex Square();

    [GeneratedRegex(@"{\s*([^}]*?)\s*}")]
    private static partial Regex Curly();

    [GeneratedRegex("\"\\s*([^\"]*?)\\s*\"")]
    private static partial Regex DoubleQuoted();

    [GeneratedRegex(@"'\s*([^']*?)\s*'")]
    private static partial Regex SingleQuoted();
}
