using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.InferenceApi.Validation;

namespace Factory.InferenceApi.OpenAi;

/// <summary>A string, or a list of strings.</summary>
[JsonConverter(typeof(TextListConverter)), Expected("a string or a list of up to 16 strings of 1 to 256 characters")]
public sealed record TextList(IReadOnlyList<string> Texts)
{
    internal const int Most = 16;
    internal const int Longest = 256;
}

internal sealed class TextListConverter : JsonConverter<TextList>
{
    public override TextList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var texts = new List<string>();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                texts.Add(JsonKinds.Text(ref reader));
            }
        }
        else
        {
            texts.Add(JsonKinds.Text(ref reader));
        }
        return texts.Count <= TextList.Most && texts.All(text => text.EnumerateRunes().Count() is >= 1 and <= TextList.Longest) ? new TextList(texts) : throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, TextList value, JsonSerializerOptions options) => throw new NotSupportedException();
}
