using System.Text.Json;
using Factory.Core.Disk;

namespace Factory.Core.Configuration;

/// <summary>A config.json as a file: one JSON object whose keys are distinct.</summary>
internal static class ConfigFile
{
    /// <summary>Writes config.json into <paramref name="directory"/>.</summary>
    /// <param name="keys">Writes the object's keys and values.</param>
    public static void Write(string directory, Action<Utf8JsonWriter> keys)
    {
        using var stream = new FileStream(Path.Combine(directory, ConfigJson.FileName), FileMode.CreateNew, FileAccess.Write);
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            keys(json);
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Reads config.json of <paramref name="directory"/>.</summary>
    /// <param name="model">What the configuration is of, for messages.</param>
    /// <param name="ignored">Keys that may stand unread.</param>
    /// <exception cref="UserError">It is missing or malformed, or has a key that is neither read nor ignored.</exception>
    public static T Read<T>(string directory, string model, IReadOnlySet<string> ignored, Func<ConfigKeys, T> read)
    {
        string path = Path.Combine(directory, ConfigJson.FileName);
        try
        {
            using JsonDocument document = JsonDocument.Parse(InputFile.ReadAllBytes(path, "a model's configuration"), new JsonDocumentOptions { AllowDuplicateProperties = false });
            var keys = new ConfigKeys(path, document.RootElement, model: model);
            T found = read(keys);
            keys.RequireAllRead(ignored);
            return found;
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected JSON with distinct keys, found something else: {JsonProblem.Describe(error)}", error);
        }
    }
}
