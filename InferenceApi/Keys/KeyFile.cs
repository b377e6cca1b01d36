using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.InferenceApi.Keys;

/// <summary>keys.json of the server's own folder. Revoked keys stay in it, so that the last revocation does not open the server.</summary>
internal static class KeyFile
{
    private const string Name = "keys.json";

    public static string At(string state) => Path.Combine(state, Name);

    /// <summary>Every key, in the order they were made; none where there is no file.</summary>
    /// <exception cref="UserError">The file cannot be read or is not what this class writes.</exception>
    public static IReadOnlyList<ApiKey> Read(string state)
    {
        string path = At(state);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(InputFile.ReadAllBytes(path, "API keys"), KeyJson.Default.ApiKeyArray) ?? throw new JsonException("null.") : [];
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected API keys as 'InferenceApi keys create' writes them, found {JsonProblem.Describe(error)} Restore the file, or remove it to start without keys.", error);
        }
    }

    /// <summary>Changes the keys, whole or not at all, one process at a time; only the owner can read the file.</summary>
    /// <exception cref="UserError">The file cannot be read or written.</exception>
    public static void Change(string state, Func<IReadOnlyList<ApiKey>, ApiKey[]> change)
    {
        string path = At(state);
        Directory.CreateDirectory(state);
        using AtomicFile file = AtomicFile.Create(path);
        JsonSerializer.Serialize(file.Stream, change(Read(state)), KeyJson.Default.ApiKeyArray);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(((FileStream)file.Stream).SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        file.Commit();
    }
}

/// <summary>How keys are spelled on the disk.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(ScopeName)])]
[JsonSerializable(typeof(ApiKey[]))]
internal sealed partial class KeyJson : JsonSerializerContext;
