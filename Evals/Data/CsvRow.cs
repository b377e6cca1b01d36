using System.Text;

namespace Factory.Evals.Data;

/// <summary>One record of a comma-separated file without header. Quoted fields may hold commas, line ends and doubled quotes.</summary>
/// <param name="Line">Where it starts, from one.</param>
public sealed record CsvRow(int Line, IReadOnlyList<string> Fields)
{
    /// <summary>The records of <paramref name="file"/>, in order, each of <paramref name="columns"/> fields.</summary>
    /// <exception cref="Core.UserError">A record has another number of fields, or a quote is never closed.</exception>
    public static IReadOnlyList<CsvRow> ReadAll(DataFile file, int columns)
    {
        string text = file.Text;
        var rows = new List<CsvRow>();
        int position = 0;
        int line = 1;
        while (position < text.Length)
        {
            int start = line;
            List<string> fields = ReadRecord(file, text, ref position, ref line);
            if (fields is [""])
            {
                continue;
            }
            rows.Add(fields.Count == columns
                ? new CsvRow(start, fields)
                : throw file.Malformed(start, $"{columns} comma-separated fields", $"{fields.Count}"));
        }
        return rows;
    }

    private static List<string> ReadRecord(DataFile file, string text, ref int position, ref int line)
    {
        var fields = new List<string>();
        while (true)
        {
            fields.Add(ReadField(file, text, ref position, ref line));
            if (position < text.Length && text[position] == ',')
            {
                position++;
                continue;
            }
            if (position < text.Length)
            {
                position += text[position] == '\r' && position + 1 < text.Length && text[position + 1] == '\n' ? 2 : 1;
                line++;
            }
            return fields;
        }
    }

    private static string ReadField(DataFile file, string text, ref int position, ref int line)
    {
        var field = new StringBuilder();
        if (position < text.Length && text[position] == '"')
        {
            int start = line;
            position++;
            while (!ClosesQuote(text, ref position))
            {
                if (position >= text.Length)
                {
                    throw file.Malformed(start, "a closing quote", "the end of the file");
                }
                line += text[position] == '\n' ? 1 : 0;
                field.Append(text[position++]);
            }
        }
        while (position < text.Length && text[position] is not (',' or '\n' or '\r'))
        {
            field.Append(text[position++]);
        }
        return field.ToString();
    }

    /// <summary>Steps over a quote that ends the field; of a doubled quote, over the first, so that the second is read as text.</summary>
    private static bool ClosesQuote(string text, ref int position)
    {
        if (position >= text.Length || text[position] != '"')
        {
            return false;
        }
        position++;
        return position >= text.Length || text[position] != '"';
    }
}
