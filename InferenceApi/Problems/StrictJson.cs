using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Factory.InferenceApi.Problems;

/// <summary>
/// Reads a flat JSON object into a class with settable properties, and says everything that does not fit at once, by field: unknown (with the
/// nearest known name), twice, missing, of the wrong type, or outside its <see cref="RangeAttribute"/>. An optional field that is null counts as absent.
/// </summary>
internal static class StrictJson
{
    /// <summary>A flat object with lists of strings needs two levels; a few more let the answer name the field instead of the depth.</summary>
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>Enough to mend a request by; a body of a hundred thousand wrong fields gets no longer answer.</summary>
    private const int MostErrors = 20;

    /// <exception cref="RefusedException">400: not JSON, not an object, or fields that do not fit.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type) where T : class
    {
        using JsonDocument document = Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new RefusedException(Problem.Of(StatusCodes.Status400BadRequest, $"Expected a JSON object, found {JsonWords.Of(document.RootElement)}."));
        }
        T value = type.CreateObject!();
        var errors = new Dictionary<string, string[]>();
        var seen = new HashSet<string>();
        foreach (JsonProperty field in document.RootElement.EnumerateObject())
        {
            string name = NameOf(field);
            JsonPropertyInfo? property = type.Properties.FirstOrDefault(property => property.Name == name);
            string? error = !seen.Add(name) ? "expected once, found twice."
                : property is null ? Unknown(name, type)
                : Assign(value, property, field.Value);
            if (error is not null)
            {
                errors[JsonWords.Shorten(name)] = [error];
            }
            if (errors.Count == MostErrors)
            {
                break;
            }
        }
        foreach (JsonPropertyInfo missing in type.Properties.Where(property => property.IsRequired && !seen.Contains(property.Name)))
        {
            errors[missing.Name] = [$"expected {JsonWords.Of(missing)}, found no such field."];
        }
        return errors.Count == 0 ? value : throw new RefusedException(Problem.Fields(errors));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Span.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }
        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (JsonException error)
        {
            throw new RefusedException(Problem.Of(StatusCodes.Status400BadRequest, json.IsEmpty
                ? "Expected a JSON object, found an empty body."
                : $"Expected a JSON object nested at most {Options.MaxDepth} deep, found something else at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}."));
        }
    }

    private static string NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            throw new RefusedException(Problem.Of(StatusCodes.Status400BadRequest, "Expected field names in well-formed Unicode, found half a surrogate pair or a byte outside UTF-8."));
        }
    }

    private static string? Assign(object target, JsonPropertyInfo property, JsonElement found)
    {
        if (found.ValueKind == JsonValueKind.Null && !property.IsRequired)
        {
            return null;
        }
        object? value;
        try
        {
            value = found.Deserialize(property.Options.GetTypeInfo(property.PropertyType));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            value = null;
        }
        if (value is null || (value is IEnumerable<string?> items && items.Contains(null)) || !IsInRange(property, value))
        {
            return $"expected {JsonWords.Of(property)}, found {JsonWords.Of(found)}.";
        }
        property.Set!(target, value);
        return null;
    }

    private static bool IsInRange(JsonPropertyInfo property, object value) => JsonWords.Range(property) is not RangeAttribute range || range.IsValid(value);

    private static string Unknown(string name, JsonTypeInfo type)
    {
        string nearest = type.Properties.Select(property => property.Name).MinBy(known => EditDistance.Between(known, name))!;
        string hint = EditDistance.Between(nearest, name) <= 1 + (nearest.Length / 4) ? $"did you mean '{nearest}'?" : $"expected one of {string.Join(", ", type.Properties.Select(property => property.Name))}.";
        return $"unknown field; {hint}";
    }
}
