using System.Text;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tasks;

/// <summary>
/// WikiText-2 (Merity et al., 2017), page by page. The model reads the page with the corpus' spacing undone; words and bytes
/// are counted in the page as it is in the file.
/// </summary>
internal static class Wikitext
{
    private static readonly string[] Files = ["wikitext-2-raw/wiki.test.raw", .. Published.Split("wikitext-2-raw", "test")];

    public static RollingTask Task { get; } = new("wikitext", 2)
    {
        Source = Files[0],
        Open = (data, _) => data.Read("wikitext", Files),
        Read = file => Pages(file).Select(page => new TextDocument(WikitextDetokenizer.Detokenize(page), PythonText.PiecesBetweenSpaces(page), Encoding.UTF8.GetByteCount(page))),
        Metrics = [Metrics.WordPerplexity, Metrics.BytePerplexity, Metrics.BitsPerByte],
    };

    /// <summary>The raw file is cut into pages; on hubs each row is a page.</summary>
    private static IEnumerable<string> Pages(DataFile file) => file.Name == Files[0] ? Pages(file.Text) : DataRow.ReadAll(file).Select(row => row.Text("page"));

    private static List<string> Pages(string text)
    {
        var pages = new List<string>();
        var page = new List<string>();
        foreach (string line in text.Split('\n'))
        {
            if (IsTitle(line))
            {
                Close();
            }
            page.Add(line);
        }
        Close();
        return pages;

        void Close()
        {
            string joined = string.Join('\n', page);
            if (PythonText.Strip(joined).Length > 0)
            {
                pages.Add(joined);
            }
            page.Clear();
        }
    }

    /// <summary>"= Title =" opens a page; "= = Section = =" does not.</summary>
    private static bool IsTitle(string line)
    {
        string title = PythonText.Strip(line
            .Replace("= = =", "===", StringComparison.Ordinal)
            .Replace("= =", "==", StringComparison.Ordinal));
        return title.StartsWith("= ", StringComparison.Ordinal) && title.EndsWith(" =", StringComparison.Ordinal);
    }
}
