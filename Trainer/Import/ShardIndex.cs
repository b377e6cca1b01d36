using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Import;

/// <summary>model.safetensors.index.json: which shard holds which tensor.</summary>
internal static class ShardIndex
{
    public const string FileName = "model.safetensors.index.json";

    /// <returns>Shard file name by tensor name.</returns>
    /// <exception cref="UserError">The index is malformed, or names a shard outside its own folder.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(InputFile.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            {
                throw Bad(path, "an object with 'weight_map'", "none");
            }
            if (root.EnumerateObject().FirstOrDefault(property => property.Name is not ("weight_map" or "metadata")) is { Value.ValueKind: not JsonValueKind.Undefined } stranger)
            {
                throw Bad(path, "only 'metadata' and 'weight_map'", $"'{stranger.Name}'");
            }
            return map.EnumerateObject().ToDictionary(item => item.Name, item => Shard(path, item));
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected JSON with distinct keys, found something else: {JsonProblem.Describe(error)} Fetch the file again.", error);
        }
    }

    private static string Shard(string path, JsonProperty item)
    {
        string? name = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString() : null;
        return name is not null && name.EndsWith(".safetensors", StringComparison.Ordinal) && name.IndexOfAny(['/', '\\', ':']) < 0
            ? name
            : throw Bad(path, $"the name of a .safetensors file in the same folder for '{item.Name}'", item.Value.GetRawText());
    }

    private static UserError Bad(string path, string expected, string found) => new($"{path}: expected {expected}, found {found}. Fetch the file again.");
}
