using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Factory.InferenceApi.Problems;

/// <summary>The words in which answers speak about JSON: what a field takes, and what was found.</summary>
internal static class JsonWords
{
    private const int LongestQuote = 40;

    public static RangeAttribute? Range(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(RangeAttribute), inherit: true) is [RangeAttribute range, ..] ? range : null;

    /// <summary>"a number from 0 to 10", "a whole number of at least 1", "a string".</summary>
    public static string Of(JsonPropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        string noun = type == typeof(string) ? "a string of well-formed Unicode"
            : type == typeof(bool) ? "true or false"
            : type == typeof(ulong) ? $"a whole number from 0 to {ulong.MaxValue}"
            : type == typeof(int) ? "a whole number"
            : type == typeof(double) ? "a number"
            : type == typeof(string[]) ? "a list of strings"
            : throw new InvalidOperationException($"No words for {type}.");
        return Range(property) switch
        {
            null => noun,
            { Maximum: int.MaxValue } range => FormattableString.Invariant($"{noun} of at least {range.Minimum}"),
            { MinimumIsExclusive: true } range => FormattableString.Invariant($"{noun} above {range.Minimum} and at most {range.Maximum}"),
            RangeAttribute range => FormattableString.Invariant($"{noun} from {range.Minimum} to {range.Maximum}"),
        };
    }

    /// <summary>What stands there; numbers and words in full, longer things by their kind.</summary>
    public static string Of(JsonElement found) => found.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {found.GetArrayLength()}",
        JsonValueKind.String => Quote(found),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => Shorten(found.GetRawText()),
        _ => "nothing",
    };

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

    /// <summary>The text, or its beginning.</summary>
    public static string Shorten(string text) => text.Length <= LongestQuote ? text : string.Concat(text.AsSpan(0, LongestQuote), "…");
}
