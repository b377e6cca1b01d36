using System.Globalization;
using System.Text;

namespace Factory.Evals.Python;

/// <summary><c>json.dumps</c> of nested lists of strings, with its default separators and ASCII escapes: what the harness hashes.</summary>
public static class PythonJson
{
    /// <summary><c>json.dumps(rows)</c></summary>
    public static string Dump(IEnumerable<IReadOnlyList<string>> rows)
    {
        var json = new StringBuilder("[");
        foreach (IReadOnlyList<string> row in rows)
        {
            json.Append(json.Length == 1 ? "[" : ", [");
            for (int i = 0; i < row.Count; i++)
            {
                json.Append(i == 0 ? "" : ", ");
                Append(json, row[i]);
            }
            json.Append(']');
        }
        return json.Append(']').ToString();
    }

    private static void Append(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' or > '~' when c != '\u007f' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }
        json.Append('"');
    }
}
