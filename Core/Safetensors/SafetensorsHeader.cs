using System.Buffers.Binary;
using System.Text.Json;
using Factory.Core.Disk;

namespace Factory.Core.Safetensors;

/// <summary>
/// Reads and checks a header: 8 bytes of little-endian length, then JSON {"name": {"dtype", "shape", "data_offsets"}, "__metadata__": {…}}.
/// Every tensor must lie inside the file, and together they must cover the data without gap or overlap.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The limit that the reference implementation has.</summary>
    private const long MaxBytes = 100_000_000;

    public static (List<TensorEntry> Entries, Dictionary<string, string> Metadata) Read(FileStream stream)
    {
        string path = stream.Name;
        Span<byte> prefix = stackalloc byte[8];
        if (stream.ReadAtLeast(prefix, 8, throwOnEndOfStream: false) < 8)
        {
            throw Bad(path, "at least 8 bytes of header length", $"{stream.Length} bytes in all");
        }
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxBytes)
        {
            throw Bad(path, $"a header of at most {MaxBytes} bytes", $"{length}");
        }
        if ((long)length > stream.Length - 8)
        {
            throw Bad(path, $"{length} bytes of header", $"{stream.Length - 8} (is the file truncated?)");
        }
        var json = new byte[(int)length];
        stream.ReadExactly(json);

        var entries = new List<TensorEntry>();
        var metadata = new Dictionary<string, string>();
        long data = 8 + (long)length;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Bad(path, "a JSON object as header", $"{document.RootElement.ValueKind}");
            }
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                {
                    foreach (JsonProperty item in property.Value.EnumerateObject())
                    {
                        metadata.Add(item.Name, item.Value.GetString() ?? "");
                    }
                    continue;
                }
                entries.Add(Entry(path, property, data));
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new UserError($"{path}: expected a safetensors header in JSON with distinct names, found something else: {(error is JsonException malformed ? JsonProblem.Describe(malformed) : error.Message)} Fetch the file again.", error);
        }
        CheckCover(path, entries, data, stream.Length);
        return (entries, metadata);
    }

    private static TensorEntry Entry(string path, JsonProperty property, long data)
    {
        string name = property.Name;
        string? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        foreach (JsonProperty field in property.Value.EnumerateObject())
        {
            switch (field.Name)
            {
                case "dtype": dtype = field.Value.GetString(); break;
                case "shape": shape = Longs(field.Value); break;
                case "data_offsets": offsets = Longs(field.Value); break;
                default: throw Bad(path, $"dtype, shape and data_offsets for tensor '{name}'", $"'{field.Name}'");
            }
        }
        ElementType type = ElementTypeName.Parse(dtype)
            ?? throw Bad(path, $"a dtype among {string.Join(", ", Enum.GetValues<ElementType>().Select(ElementTypeName.Text))} for tensor '{name}'", $"'{dtype}'");
        if (shape is null || shape.Any(size => size < 0))
        {
            throw Bad(path, $"a shape of non-negative sizes for tensor '{name}'", shape is null ? "none" : $"[{string.Join(", ", shape)}]");
        }
        if (offsets is not [long begin, long end] || begin < 0 || end < begin)
        {
            throw Bad(path, $"data_offsets [begin, end] for tensor '{name}'", offsets is null ? "none" : $"[{string.Join(", ", offsets)}]");
        }
        long bytes;
        try
        {
            bytes = shape.Aggregate((long)ElementTypeName.Bytes(type), (product, size) => checked(product * size));
        }
        catch (OverflowException)
        {
            throw Bad(path, $"a shape below 2^63 bytes for tensor '{name}'", $"[{string.Join(", ", shape)}]");
        }
        if (end - begin != bytes)
        {
            throw Bad(path, $"{bytes} bytes for tensor '{name}' of shape [{string.Join(", ", shape)}]", $"{end - begin}");
        }
        return new TensorEntry(name, type, shape, data + begin, bytes);
    }

    private static void CheckCover(string path, List<TensorEntry> entries, long data, long fileLength)
    {
        long at = data;
        foreach (TensorEntry entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Length))
        {
            if (entry.Offset != at)
            {
                throw Bad(path, $"tensor '{entry.Name}' at byte {at - data} of the data", $"{entry.Offset - data} ({(entry.Offset < at ? "overlap" : "gap")})");
            }
            if (entry.Length > fileLength - at)
            {
                throw Bad(path, $"{entry.Length} bytes for tensor '{entry.Name}'", $"{fileLength - at} before the end of the file (is it truncated?)");
            }
            at += entry.Length;
        }
        if (at != fileLength)
        {
            throw Bad(path, $"the end of the file after {at} bytes", $"{fileLength - at} bytes more");
        }
    }

    private static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt64())];

    private static UserError Bad(string path, string expected, string found) =>
        new($"{path}: safetensors: expected {expected}, found {found}. Fetch or write the file again.");
}
