using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Factory.Evals.Pages;

/// <summary>Pages that are one file: style and pictures inside, no address outside, readable in both themes and on a telephone.</summary>
internal static partial class Html
{
    private const string Style = """
        :root { color-scheme: light dark; --text: #1b1f24; --muted: #57606a; --page: #ffffff; --card: #f6f8fa; --line: #d0d7de; --good: #116329; --bad: #a40e26; --paper: #eef2ff; }
        @media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9198a1; --page: #0d1117; --card: #161b22; --line: #30363d; --good: #56d364; --bad: #ff7b72; --paper: #1c2440; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 90rem; padding: 1.5rem clamp(.75rem, 3vw, 2.5rem) 4rem; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.25; } h2 { margin-top: 2.5rem; font-size: 1.25rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; } h3 { font-size: 1rem; }
        p, li { max-width: 48rem; } p.caption { margin-bottom: 0; } .muted, .caption, figcaption { color: var(--muted); font-size: .9rem; }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .75rem 0; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; } th { background: var(--card); } td.number, th.number { text-align: right; }
        tr.paper td { background: var(--paper); } .best { font-weight: 700; } .good { color: var(--good); } .bad { color: var(--bad); }
        figure { margin: 1rem 0; } figure svg { width: 100%; height: auto; max-width: 60rem; background: #fff; border-radius: .4rem; border: 1px solid var(--line); }
        details { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .9rem; margin: .5rem 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dd { margin: 0; overflow-wrap: anywhere; } @media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
        """;

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <param name="body">Made of the other methods' answers.</param>
    public static string Page(string title, IEnumerable<string> body) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Escape(title)}</title>
        <style>{Style}</style>
        </head>
        <body>
        <h1>{Escape(title)}</h1>
        {string.Join("\n", body)}
        </body>
        </html>

        """;

    public static string Heading(string text) => $"<h2>{Escape(text)}</h2>";

    public static string Paragraph(string text) => $"<p>{Escape(text)}</p>";

    public static string Items(IEnumerable<string> items) => $"<ul>{string.Concat(items.Select(item => $"<li>{Escape(item)}</li>"))}</ul>";

    /// <param name="headers">The first column holds words, the others numbers.</param>
    public static string Table(string caption, IReadOnlyList<string> headers, IEnumerable<Row> rows)
    {
        var html = new StringBuilder($"<p class=\"caption\">{Escape(caption)}</p><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{Escape(caption)}\"><table><thead><tr>");
        foreach ((int index, string header) in headers.Index())
        {
            html.Append($"<th scope=\"col\"{(index > 0 ? " class=\"number\"" : "")}>{Escape(header)}</th>");
        }
        html.Append("</tr></thead><tbody>");
        foreach (Row row in rows)
        {
            html.Append(row.IsPaper ? "<tr class=\"paper\">" : "<tr>");
            foreach ((int index, Cell cell) in row.Cells.Index())
            {
                string classes = string.Join(' ', new[] { index > 0 ? "number" : "", cell.Class }.Where(name => name.Length > 0));
                html.Append($"<td{(classes.Length > 0 ? $" class=\"{classes}\"" : "")}>{Escape(cell.Text)}</td>");
            }
            html.Append("</tr>");
        }
        return html.Append("</tbody></table></div>").ToString();
    }

    /// <param name="svg">The picture, as the drawing library wrote it.</param>
    public static string Figure(string svg, string caption)
    {
        // Inside a page a picture has no declaration of its own, and scales by its box.
        string inner = Declaration().Replace(svg, "");
        Match size = Size().Match(inner);
        if (size.Success && !inner.Contains("viewBox", StringComparison.Ordinal))
        {
            inner = inner.Replace("<svg ", $"<svg viewBox=\"0 0 {size.Groups[1].Value} {size.Groups[2].Value}\" ", StringComparison.Ordinal);
        }
        return $"<figure role=\"img\" aria-label=\"{Escape(caption)}\">{Unique(inner)}<figcaption>{Escape(caption)}</figcaption></figure>";
    }

    public static string Details(string summary, string text) => $"<details><summary>{Escape(summary)}</summary><pre>{Escape(text)}</pre></details>";

    public static string Facts(IEnumerable<(string Name, string Value)> facts) =>
        $"<dl>{string.Concat(facts.Select(fact => $"<dt class=\"muted\">{Escape(fact.Name)}</dt><dd>{Escape(fact.Value)}</dd>"))}</dl>";

    /// <summary>Identifiers inside one picture must not meet those of another on the same page.</summary>
    private static string Unique(string svg)
    {
        string mark = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(svg)))[..8];
        return Identifier().Replace(svg, match => $"{match.Groups[1].Value}{mark}-{match.Groups[2].Value}");
    }

    [GeneratedRegex(@"<\?xml[^>]*\?>\s*|<!DOCTYPE[^>]*>\s*")]
    private static partial Regex Declaration();

    [GeneratedRegex("""<svg[^>]*\bwidth="([\d.]+)(?:px)?"[^>]*\bheight="([\d.]+)(?:px)?"[^>]*>""")]
    private static partial Regex Size();

    [GeneratedRegex("""(\bid="|url\(#|href="#)([^")]+)""")]
    private static partial Regex Identifier();

    /// <param name="Class">"best", "good", "bad" or nothing.</param>
    public readonly record struct Cell(string Text, string Class = "");

    /// <param name="IsPaper">Whether the numbers are the paper's and not measured here.</param>
    public sealed record Row(IReadOnlyList<Cell> Cells, bool IsPaper = false);
}
