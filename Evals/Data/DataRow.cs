using System.Globalization;
using System.Text.Json;
using Factory.Core.Disk;

namespace Factory.Evals.Data;

/// <summary>
/// One row of a jsonl, csv (with a header) or parquet file, read as a JSON object. A missing key, a wrong type or malformed JSON is an error that names
/// file and line.
/// </summary>
public sealed class DataRow
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly DataFile _file;
    private readonly int _line;
    private readonly JsonElement _object;

    internal DataRow(DataFile file, int line, JsonElement value)
    {
        _file = file;
        _line = line;
        _object = value;
    }

    /// <summary>The rows of <paramref name="file"/>, in order; its name says which format it has.</summary>
    public static IEnumerable<DataRow> ReadAll(DataFile file) => Path.GetExtension(file.Name) switch
    {
        ".parquet" => ParquetRows.Read(file),
        ".csv" => CsvRow.ReadTable(file),
        _ => file.Lines().Select(line => Parse(file, line.Number, line.Text)),
    };

    /// <summary>Whether there is something at <paramref name="key"/>.</summary>
    public bool Has(string key) => Find(key) is { ValueKind: not JsonValueKind.Null };

    /// <summary>Whether there is an object at <paramref name="key"/>.</summary>
    public bool HasObject(string key) => Find(key) is { ValueKind: JsonValueKind.Object };

    /// <summary>The string at <paramref name="key"/>.</summary>
    public string Text(string key) => Get(key, JsonValueKind.String, "a string").GetString()!;

    /// <summary>The object at <paramref name="key"/>.</summary>
    public DataRow Object(string key) => new(_file, _line, Get(key, JsonValueKind.Object, "an object"));

    /// <summary>The objects of the array at <paramref name="key"/>.</summary>
    public IReadOnlyList<DataRow> Objects(string key) =>
        [.. Get(key, JsonValueKind.Array, "an array").EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.Object ? new DataRow(_file, _line, item) : throw Malformed($"objects in '{key}'", Describe(item)))];

    /// <summary>The strings of the array at <paramref name="key"/>.</summary>
    public IReadOnlyList<string> Texts(string key) =>
        [.. Get(key, JsonValueKind.Array, "an array").EnumerateArray().Select(item =>
            item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Malformed($"strings in '{key}'", Describe(item)))];

    /// <summary>The boolean at <paramref name="key"/>; files without types write it as a word.</summary>
    public bool Flag(string key) => Find(key) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } value when value.GetString() is "true" or "True" => true,
        { ValueKind: JsonValueKind.String } value when value.GetString() is "false" or "False" => false,
        var value => throw Malformed($"true or false at '{key}'", Describe(value)),
    };

    /// <summary>The whole number at <paramref name="key"/>, below <paramref name="bound"/>; published files also write it as a string.</summary>
    public int Index(string key, int bound)
    {
        JsonElement? value = Find(key);
        string text = value is { ValueKind: JsonValueKind.Number } ? value.Value.GetRawText() : value is { ValueKind: JsonValueKind.String } ? value.Value.GetString()! : "";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < bound
            ? index
            : throw Malformed($"a whole number below {bound} at '{key}'", Describe(value));
    }

    /// <summary>A mistake in this row.</summary>
    public DataError Malformed(string expected, string found) => _file.Malformed(_line, expected, found);

    private static DataRow Parse(DataFile file, int line, string text)
    {
        try
        {
            // A clone outlives its document, which would otherwise have to be disposed by whoever holds the row.
            using JsonDocument document = JsonDocument.Parse(text, Strict);
            JsonElement root = document.RootElement.Clone();
            return root.ValueKind == JsonValueKind.Object ? new DataRow(file, line, root) : throw file.Malformed(line, "a JSON object", Describe(root));
        }
        catch (JsonException error)
        {
            throw file.Malformed(line, "a JSON object", JsonProblem.Describe(error).TrimEnd('.'), error);
        }
    }

    private JsonElement Get(string key, JsonValueKind kind, string expected) =>
        Find(key) is JsonElement value && value.ValueKind == kind ? value : throw Malformed($"{expected} at '{key}'", Describe(Find(key)));

    private JsonElement? Find(string key) => _object.TryGetProperty(key, out JsonElement value) ? value : null;

    private static string Describe(JsonElement? value) => value switch
    {
        null => "no such key",
        { ValueKind: JsonValueKind.Object } => "an object",
        { ValueKind: JsonValueKind.Array } => "an array",
        _ => value.Value.GetRawText(),
    };
}
