using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Factory.Evals.Data;

/// <summary>One record of a comma-separated file. Quoted fields may hold commas, line ends and doubled quotes.</summary>
/// <param name="Line">Where it starts, from one.</param>
public sealed record CsvRow(int Line, IReadOnlyList<string> Fields)
{
    /// <summary>The records of <paramref name="file"/>, in order, each of <paramref name="columns"/> fields.</summary>
    /// <exception cref="Core.UserError">A record has another number of fields, or a quote is never closed.</exception>
    public static IReadOnlyList<CsvRow> ReadAll(DataFile file, int columns)
    {
        List<CsvRow> rows = ReadRecords(file);
        return rows.FirstOrDefault(row => row.Fields.Count != columns) is CsvRow odd
            ? throw file.Malformed(odd.Line, $"{columns} comma-separated fields", $"{odd.Fields.Count}")
            : rows;
    }

    /// <summary>The records of a <paramref name="file"/> whose first one names the columns. A field that is a JSON array or object is read as one.</summary>
    /// <exception cref="Core.UserError">A record has another number of fields than the header, or a quote is never closed.</exception>
    public static IEnumerable<DataRow> ReadTable(DataFile file)
    {
        List<CsvRow> rows = ReadRecords(file);
        foreach (CsvRow row in rows.Skip(1))
        {
            if (row.Fields.Count != rows[0].Fields.Count)
            {
                throw file.Malformed(row.Line, $"{rows[0].Fields.Count} comma-separated fields as in the header", $"{row.Fields.Count}");
            }
            var values = new JsonObject();
            foreach ((string key, string value) in rows[0].Fields.Zip(row.Fields))
            {
                values[key] = ToNode(value);
            }
            yield return new DataRow(file, row.Line, JsonSerializer.SerializeToElement(values));
        }
    }

    private static JsonNode? ToNode(string value)
    {
        if (value is ['[' or '{', ..])
        {
            try
            {
                return JsonNode.Parse(value);
            }
            catch (JsonException)
            {
                // A text that only begins like one.
            }
        }
        return JsonValue.Create(value);
    }

    private static List<CsvRow> ReadRecords(DataFile file)
    {
        string text = file.Text;
        var rows = new List<CsvRow>();
        int position = 0;
        int line = 1;
        while (position < text.Length)
        {
            int start = line;
            List<string> fields = ReadRecord(file, text, ref position, ref line);
            if (fields is not [""])
            {
                rows.Add(new CsvRow(start, fields));
            }
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
