using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.OpenAi;

/// <summary>One text or many, each as a string or as token ids.</summary>
[JsonConverter(typeof(CompletionPromptConverter)), Expected("a string, a list of strings, a list of token ids or a list of such lists, at least one and at most 256 of them")]
public sealed record CompletionPrompt(IReadOnlyList<PromptText> Items)
{
    internal const int Most = 256;
}

/// <summary>A text to continue: a string, or token ids as they are.</summary>
public sealed record PromptText(string? Text, int[]? Ids);

internal sealed class CompletionPromptConverter : JsonConverter<CompletionPrompt>
{
    public override CompletionPrompt Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new CompletionPrompt([new PromptText(JsonKinds.Text(ref reader), null)]);
        }
        var items = new List<PromptText>();
        var ids = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                ids.Add(JsonKinds.Whole(ref reader));
            }
            else
            {
                items.Add(reader.TokenType == JsonTokenType.StartArray ? new PromptText(null, Ids(ref reader)) : new PromptText(JsonKinds.Text(ref reader), null));
            }
        }
        // A list of numbers is one prompt; mixed with others it is none.
        return (items.Count, ids.Count) switch
        {
            (0, > 0) => new CompletionPrompt([new PromptText(null, [.. ids])]),
            ( > 0 and <= CompletionPrompt.Most, 0) => new CompletionPrompt(items),
            _ => throw new JsonException(),
        };
    }

    public override void Write(Utf8JsonWriter writer, CompletionPrompt value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static int[] Ids(ref Utf8JsonReader reader)
    {
        var ids = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ids.Add(JsonKinds.Whole(ref reader));
        }
        return [.. ids];
    }
}
