using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Tokens;

/// <summary>A file of JSON objects, one a line, each a document in one of its fields (C4, The Pile and most others).</summary>
internal static class JsonLinesFile
{
    /// <exception cref="UserError">A line is no JSON object with that field as a string; the message names the line.</exception>
    public static IEnumerable<TextSection> Read(string path, Stream content, string field)
    {
        using StreamReader reader = StrictUtf8.Reader(content);
        for (long number = 1; PackedText.Read(reader.ReadLine, $"{path}, after line {number - 1}") is string line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return new TextSection(Field(line, field, $"{path}, line {number}"), Opens: true, Closes: true);
            }
        }
    }

    private static string Field(string line, string field, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new UserError($"{where}: expected a JSON object with the text in '{field}', found {document.RootElement.ValueKind}.");
            }
            if (!document.RootElement.TryGetProperty(field, out JsonElement value))
            {
                string found = string.Join(", ", document.RootElement.EnumerateObject().Select(property => $"'{property.Name}'"));
                throw new UserError($"{where}: expected the field '{field}', found only {(found.Length == 0 ? "an empty object" : found)}. Name the right one with --text-field.");
            }
            return value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new UserError($"{where}: {field}: expected a string, found {value.ValueKind}.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new UserError($"{where}: expected one JSON object, found something else: {(error is JsonException json ? JsonProblem.Describe(json) : error.Message)}", error);
        }
    }
}
