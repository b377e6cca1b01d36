using System.Text.Json;

namespace Factory.InferenceApi.OpenAi;

/// <summary>Reads single values where more than one kind is allowed; the serializer adds the place.</summary>
internal static class JsonKinds
{
    public static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException();
        }
        catch (InvalidOperationException error)
        {
            // Half a surrogate pair.
            throw new JsonException(null, error);
        }
    }

    public static int Whole(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) ? value : throw new JsonException();
}
