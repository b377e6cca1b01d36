using System.Text;
using Factory.Evals.Data;
using Factory.Evals.Python;

namespace Factory.Evals.Tasks;

/// <summary>
/// WikiText-2 (Merity et al., 2017), page by page. The model reads the page with the corpus' spacing undone; words and bytes
/// are counted in the page as it is in the file.
/// </summary>
internal sealed class WikitextTask() : RollingTask("wikitext", 2)
{
    public override string DataPath => "wikitext-2-raw/wiki.test.raw";

    protected override DataFile Open(DataFolder data, EvaluationOptions options) => data.Read(Name, DataPath);

    protected override IEnumerable<TextDocument> Read(DataFile file) => Pages(file.Text).Select(page =>
        new TextDocument(WikitextDetokenizer.Detokenize(page), PythonText.PiecesBetweenSpaces(page), Encoding.UTF8.GetByteCount(page)));

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
