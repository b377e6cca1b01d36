using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet.Serialization;

namespace Factory.Evals.Data;

/// <summary>Parquet files, the form in which hubs publish data sets.</summary>
internal static class ParquetRows
{
    /// <summary>The rows of <paramref name="file"/>, in order; "line" in messages is the row's number from one.</summary>
    public static IReadOnlyList<DataRow> Read(DataFile file)
    {
        try
        {
            using var stream = new MemoryStream(file.Bytes.ToArray(), writable: false);
            // The file is in memory: nothing is waited for.
            var table = ParquetSerializer.DeserializeUntypedAsync(stream).GetAwaiter().GetResult();
            return [.. table.Data.Select((row, index) => new DataRow(file, index + 1, JsonSerializer.SerializeToElement(ToNode(row))))];
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or FormatException or ArgumentException or OverflowException)
        {
            throw file.Malformed("a parquet file", error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>The reader gives texts as memory, structures as dictionaries and lists as they are.</summary>
    private static JsonNode? ToNode(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        ReadOnlyMemory<char> text => JsonValue.Create(text.ToString()),
        bool flag => JsonValue.Create(flag),
        double or float or decimal => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        sbyte or byte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        IDictionary structure => new JsonObject(structure.Keys.Cast<object>().Select(key => KeyValuePair.Create($"{key}", ToNode(structure[key])))),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(ToNode)]),
        _ => JsonValue.Create($"{value}"),
    };
}
