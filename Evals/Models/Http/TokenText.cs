using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Evals.Models.Http;

/// <summary>A special token in a tokenizer's configuration: its text, or an object that holds it as "content".</summary>
internal sealed class TokenText : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return document.RootElement switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Object } token when token.TryGetProperty("content", out JsonElement content) => content.GetString(),
            _ => null,
        };
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
