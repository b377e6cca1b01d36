using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.OpenAi;

/// <summary>What was said; several text parts are joined by a line end, as vLLM does.</summary>
[JsonConverter(typeof(ChatContentConverter)), Expected("a string or a list of {\"type\": \"text\", \"text\": …}")]
public sealed record ChatContent(string Text);

internal sealed class ChatContentConverter : JsonConverter<ChatContent>
{
    public override ChatContent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return new ChatContent(JsonKinds.Text(ref reader));
        }
        var parts = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            parts.Add(Part(ref reader));
        }
        return new ChatContent(string.Join('\n', parts));
    }

    public override void Write(Utf8JsonWriter writer, ChatContent value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static string Part(ref Utf8JsonReader reader)
    {
        string? type = null, text = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException();
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string? name = reader.GetString();
            reader.Read();
            (type, text) = name switch
            {
                "type" when type is null => (JsonKinds.Text(ref reader), text),
                "text" when text is null => (type, JsonKinds.Text(ref reader)),
                _ => throw new JsonException(),
            };
        }
        return type == "text" && text is not null ? text : throw new JsonException();
    }
}
