using System.Text.Json;
using Factory.Core;
using Factory.Core.Bundles;
using Factory.Core.Disk;

namespace Factory.Exporter;

/// <summary>Guards what stands where a bundle is to be written.</summary>
internal static class OutputPlace
{
    /// <summary>Passes where nothing, an empty directory or a bundle (be it damaged) stands.</summary>
    /// <exception cref="UserError">Something else stands there, which replacing would destroy.</exception>
    public static void Require(string output)
    {
        if (File.Exists(output))
        {
            throw new UserError($"{output}: expected a place for a bundle, found a file. Choose another --output.");
        }
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any() && !IsBundle(output))
        {
            throw new UserError($"{output}: expected nothing or an older bundle to replace, found a directory that is no bundle. Choose another --output or move it away.");
        }
    }

    private static bool IsBundle(string directory)
    {
        string path = Path.Combine(directory, Manifest.FileName);
        if (!File.Exists(path))
        {
            return false;
        }
        try
        {
            using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(path));
            return manifest.RootElement.ValueKind == JsonValueKind.Object
                && manifest.RootElement.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals(BundleFolder.Kind);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
