using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Factory.Core.Disk;

/// <summary>
/// manifest.json: what a directory is (<see cref="Kind"/>, format version, facts about its origin) and the length and hash of each of its
/// files. Written last, checked when the directory is read.
/// </summary>
public sealed record Manifest
{
    public const string FileName = "manifest.json";

    /// <summary>"checkpoint", "bundle" or "tokens".</summary>
    public required string Kind { get; init; }

    public required int FormatVersion { get; init; }

    /// <summary>Origin and counts, for people and reports: tool versions, step, tokenizer hash …</summary>
    public required SortedDictionary<string, string> Facts { get; init; }

    /// <summary>Files by path relative to the directory, with '/'.</summary>
    public required SortedDictionary<string, ManifestEntry> Files { get; init; }

    /// <summary>Hashes every file below <paramref name="directory"/> and writes manifest.json there.</summary>
    /// <param name="known">Files that were hashed while they were written, as in <see cref="Files"/>; null for none.</param>
    public static Manifest Write(string directory, string kind, IReadOnlyDictionary<string, string> facts, IReadOnlyDictionary<string, ManifestEntry>? known = null)
    {
        var files = new SortedDictionary<string, ManifestEntry>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(directory, path).Replace('\\', '/');
            files.Add(name, known?.GetValueOrDefault(name) ?? Digest(path));
        }
        var manifest = new Manifest
        {
            Kind = kind,
            FormatVersion = 1,
            Facts = new SortedDictionary<string, string>(facts.ToDictionary(), StringComparer.Ordinal),
            Files = files,
        };
        manifest.WriteTo(directory);
        return manifest;
    }

    /// <summary>Lists one more file in the manifest of a directory that is being written.</summary>
    public static void Add(string directory, string kind, string name)
    {
        Manifest manifest = ReadKind(directory, kind);
        manifest.Files.Add(name, Digest(Path.Combine(directory, name)));
        File.Delete(Path.Combine(directory, FileName));
        manifest.WriteTo(directory);
    }

    /// <summary>Reads manifest.json and checks kind, format version, lengths and, unless <paramref name="checkHashes"/> is false, hashes.</summary>
    /// <param name="readLater">Files that the caller reads and hashes itself, with <see cref="CheckHash"/>; only their lengths are checked here.</param>
    /// <exception cref="UserError">The directory is not one of that kind, or was written by another version of Factory.</exception>
    /// <exception cref="DamageError">A file is missing, truncated or changed.</exception>
    public static Manifest Read(string directory, string kind, bool checkHashes = true, params ReadOnlySpan<string> readLater)
    {
        Manifest manifest = ReadKind(directory, kind);
        foreach ((string name, ManifestEntry expected) in manifest.Files)
        {
            Check(directory, name, expected, checkHashes && !readLater.Contains(name));
        }
        return manifest;
    }

    /// <summary>Compares the hash of what was read of a file with the manifest's.</summary>
    /// <param name="name">One of <see cref="Files"/>.</param>
    /// <param name="sha256">SHA-256 of the bytes read.</param>
    /// <exception cref="UserError">They differ.</exception>
    public void CheckHash(string directory, string name, ReadOnlySpan<byte> sha256)
    {
        string found = Convert.ToHexStringLower(sha256);
        if (found != Files[name].Sha256)
        {
            throw new UserError($"{Path.Combine(directory, name)}: expected SHA-256 {Files[name].Sha256} as in the manifest, found {found}. Write the directory again.");
        }
    }

    /// <summary>Reads manifest.json and checks kind and format version only: is this a directory that may be replaced by another of its kind?</summary>
    /// <exception cref="UserError">The directory is not one of that kind.</exception>
    public static Manifest ReadKind(string directory, string kind)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            throw new UserError($"{directory}: expected {WithArticle(kind)} directory with {FileName}, found {(Directory.Exists(directory) ? "none in it" : "no such directory")}.");
        }
        Manifest manifest = Parse(path);
        if (manifest.Kind != kind)
        {
            throw new UserError($"{directory}: expected {WithArticle(kind)}, found {WithArticle(manifest.Kind)}.");
        }
        return manifest.FormatVersion == 1
            ? manifest
            : throw new UserError($"{path}: expected format version 1, found {manifest.FormatVersion}. It was written by another version of Factory.");
    }

    private static string WithArticle(string kind) => kind.Length > 0 && "aeiou".Contains(kind[0], StringComparison.Ordinal) ? $"an {kind}" : $"a {kind}";

    /// <summary>The kind that the manifest of <paramref name="directory"/> names, whatever else is wrong with it; null where there is no manifest or none that says so.</summary>
    public static string? FindKind(string directory)
    {
        string path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            using JsonDocument manifest = JsonDocument.Parse(InputFile.ReadAllBytes(path));
            return manifest.RootElement.ValueKind == JsonValueKind.Object && manifest.RootElement.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String
                ? kind.GetString()
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>SHA-256 over names and hashes of all files: one value that identifies the directory's content.</summary>
    [JsonIgnore]
    public string ContentHash =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Files.Select(file => $"{file.Key} {file.Value.Sha256}")))));

    private static Manifest Parse(string path)
    {
        try
        {
            using FileStream stream = InputFile.Open(path, "a manifest");
            Manifest manifest = JsonSerializer.Deserialize(stream, ManifestJson.Default.Manifest) ?? throw new JsonException("null");
            // The nullability of a dictionary's values is not the serializer's to check.
            return manifest.Facts.ContainsValue(null!) || manifest.Files.ContainsValue(null!) ? throw new JsonException("null among the facts or files") : manifest;
        }
        catch (JsonException error)
        {
            throw new DamageError($"{path}: expected a manifest in JSON, found something else: {JsonProblem.Describe(error)}", error);
        }
    }

    private static void Check(string directory, string name, ManifestEntry expected, bool checkHashes)
    {
        string path = Path.Combine(directory, name);
        if (!IsInside(directory, path))
        {
            throw new UserError($"{Path.Combine(directory, FileName)}: expected names inside the directory, found '{name}'.");
        }
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new DamageError($"{path}: expected a file of {expected.Length} bytes (the manifest lists it), found none. Write the directory again.");
        }
        if (file.Length != expected.Length)
        {
            throw new DamageError($"{path}: expected {expected.Length} bytes as in the manifest, found {file.Length}. Write the directory again.");
        }
        if (checkHashes && Digest(path).Sha256 is string found && found != expected.Sha256)
        {
            throw new DamageError($"{path}: expected SHA-256 {expected.Sha256} as in the manifest, found {found}. Write the directory again.");
        }
    }

    private static bool IsInside(string directory, string path) =>
        !path.Contains('\0', StringComparison.Ordinal)
        && Path.GetFullPath(path).StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void WriteTo(string directory)
    {
        using var stream = new FileStream(Path.Combine(directory, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(stream, this, ManifestJson.Default.Manifest);
        stream.WriteByte((byte)'\n');
        stream.Flush(flushToDisk: true);
    }

    private static ManifestEntry Digest(string path)
    {
        using FileStream stream = InputFile.Open(path);
        return new ManifestEntry(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
