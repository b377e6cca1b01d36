using System.Text;

namespace Factory.Evals.Pages;

/// <summary>Tables for pull requests and read-me files.</summary>
internal static class Markdown
{
    /// <param name="headers">The first column holds words, the others are aligned right.</param>
    public static string Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        Append(headers);
        Append([.. headers.Select((_, index) => index == 0 ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in rows)
        {
            Append([.. row.Select(Escape)]);
        }
        return text.ToString();

        void Append(IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    private static string Escape(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
