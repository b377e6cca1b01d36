using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Texts;

/// <summary>
/// A file of JSON objects, each a document in one of its fields: one a line (C4, The Pile and most others), or all in one array, whose elements may
/// also be the texts themselves.
/// </summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>The objects of a file with one a line.</summary>
    /// <exception cref="UserError">A line is no JSON object with that field as a string; the message names the line.</exception>
    public static IEnumerable<TextSection> ReadLines(string path, Stream content, string field)
    {
        using StreamReader reader = StrictUtf8.Reader(content);
        for (long number = 1; PackedText.Read(reader.ReadLine, $"{path}, after line {number - 1}") is string line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return new TextSection(TextOf(line, field, $"{path}, line {number}"), Opens: true, Closes: true);
            }
        }
    }

    /// <summary>The elements of a file that is one array, read as a stream.</summary>
    /// <exception cref="UserError">The file is no array of objects with that field as a string, or of strings.</exception>
    public static IEnumerable<TextSection> ReadArray(string path, Stream content, string field)
    {
        using IEnumerator<JsonElement> elements = JsonSerializer.DeserializeAsyncEnumerable(content, ElementJson.Default.JsonElement).ToBlockingEnumerable().GetEnumerator();
        for (long number = 1; Next(elements, $"{path}, element {number}"); number++)
        {
            yield return new TextSection(TextOf(elements.Current, field, $"{path}, element {number}"), Opens: true, Closes: true);
        }
    }

    /// <summary>Whether the first thing in the file is the bracket of an array.</summary>
    public static bool IsArray(string path, Stream content)
    {
        using StreamReader reader = StrictUtf8.Reader(content);
        int next;
        do
        {
            next = PackedText.Read(reader.Read, path);
        }
        while (next >= 0 && char.IsWhiteSpace((char)next));
        return next == '[';
    }

    private static bool Next(IEnumerator<JsonElement> elements, string where)
    {
        try
        {
            return PackedText.Read(elements.MoveNext, where);
        }
        catch (JsonException error)
        {
            throw new UserError($"{where}: expected an array of JSON objects, found something else: {JsonProblem.Describe(error)}", error);
        }
    }

    private static string TextOf(string line, string field, string where)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? TextOf(document.RootElement, field, where)
                : throw new UserError($"{where}: expected a JSON object with the text in '{field}', found {document.RootElement.ValueKind}.");
        }
        catch (JsonException error)
        {
            throw new UserError($"{where}: expected one JSON object, found something else: {JsonProblem.Describe(error)}", error);
        }
    }

    private static string TextOf(JsonElement element, string field, string where)
    {
        try
        {
            if (element.ValueKind == JsonValueKind.String)
            {
                return element.GetString()!;
            }
            if (element.ValueKind != JsonValueKind.Object)
            {
                throw new UserError($"{where}: expected a JSON object with the text in '{field}', found {element.ValueKind}.");
            }
            if (!element.TryGetProperty(field, out JsonElement value))
            {
                string found = string.Join(", ", element.EnumerateObject().Select(property => $"'{property.Name}'"));
                throw new UserError($"{where}: expected the field '{field}', found only {(found.Length == 0 ? "an empty object" : found)}. Name the right one with --text-field.");
            }
            return value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw new UserError($"{where}: {field}: expected a string, found {value.ValueKind}.");
        }
        catch (InvalidOperationException error)
        {
            throw new UserError($"{where}: expected one JSON object in well-formed Unicode, found something else: {error.Message}", error);
        }
    }
}

[JsonSerializable(typeof(JsonElement))]
[JsonSourceGenerationOptions(AllowDuplicateProperties = false)]
internal sealed partial class ElementJson : JsonSerializerContext;
