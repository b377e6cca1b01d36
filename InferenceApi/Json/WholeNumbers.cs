using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.InferenceApi.Json;

/// <summary>Whole numbers as JSON Schema means them: 4, 4.0 and 4e0 are the same number, 4.5 is none.</summary>
internal sealed class WholeNumbers<T> : JsonConverter<T> where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            string text = Encoding.ASCII.GetString(reader.HasValueSequence ? [.. System.Buffers.BuffersExtensions.ToArray(reader.ValueSequence)] : reader.ValueSpan);
            if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T value))
            {
                return value;
            }
            // Beyond 28 digits or an exponent of hundreds nothing fits anyway.
            if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && decimal.Truncate(number) == number
                && number >= decimal.CreateSaturating(T.MinValue) && number <= decimal.CreateSaturating(T.MaxValue))
            {
                return T.CreateChecked(number);
            }
        }
        throw new JsonException();
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.ToString(null, CultureInfo.InvariantCulture));
}
