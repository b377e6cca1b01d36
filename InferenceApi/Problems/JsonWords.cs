using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.Problems;

/// <summary>The words in which answers speak about JSON: what a field takes, and what was found.</summary>
internal static class JsonWords
{
    private const int LongestQuote = 40;

    /// <summary>"a number from 0 to 10", "a list of strings", "one of system, user, assistant".</summary>
    /// <param name="property">Where the value stands in an object; null in a list.</param>
    public static string Expected(JsonTypeInfo type, JsonPropertyInfo? property) =>
        Attribute<ExpectedAttribute>(property?.AttributeProvider)?.Words
        ?? Attribute<ExpectedAttribute>(type.Type)?.Words
        ?? Attribute<WithinAttribute>(property?.AttributeProvider)?.Words
        ?? Noun(type);

    /// <summary>What stands there; numbers and words in full, longer things by their kind.</summary>
    public static string Found(JsonElement found) => found.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {found.GetArrayLength()}",
        JsonValueKind.String => Quote(found),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => Shorten(found.GetRawText()),
        _ => "nothing",
    };

    /// <summary>The text, or its beginning.</summary>
    public static string Shorten(string text) => text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");

    /// <summary>"a string", "a whole number" …</summary>
    private static string Noun(JsonTypeInfo type) =>
        type.Kind == JsonTypeInfoKind.Enumerable ? $"a list of {Plural(type.Options.GetTypeInfo(type.ElementType!))}"
        : type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary ? "an object"
        : type.Type == typeof(string) ? "a string of well-formed Unicode"
        : type.Type == typeof(bool) ? "true or false"
        : type.Type == typeof(ulong) ? $"a whole number from 0 to {ulong.MaxValue}"
        : type.Type == typeof(int) || type.Type == typeof(long) ? "a whole number"
        : type.Type == typeof(double) ? "a number"
        : type.Type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type.Type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))}"
        : throw new InvalidOperationException($"No words for {type.Type}.");

    private static string Plural(JsonTypeInfo type) => type.Type == typeof(string) ? "strings" : type.Type == typeof(int) ? "whole numbers" : "objects";

    private static T? Attribute<T>(System.Reflection.ICustomAttributeProvider? provider) where T : Attribute =>
        provider?.GetCustomAttributes(typeof(T), inherit: true) is [T attribute, ..] ? attribute : null;

    private static string Quote(JsonElement found)
    {
        try
        {
            return $"the string '{Shorten(found.GetString()!)}'";
        }
        catch (InvalidOperationException)
        {
            return "a string with half a surrogate pair or a byte outside UTF-8";
        }
    }
}
