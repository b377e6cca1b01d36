using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Evals.Data.Fetching;

/// <summary>Gets a data set from its public home: downloads, takes the files out of archives, checks each against its SHA-256, and records source and licence beside them.</summary>
/// <param name="folder">The data folder.</param>
/// <param name="mirror">Another address to take the files from, MIRROR/NAME; null: their public home.</param>
internal sealed class DataFetcher(HttpClient http, string folder, Uri? mirror)
{
    private const string Record = "FETCHED.txt";

    /// <summary>Fetches what is not there yet.</summary>
    /// <param name="progress">Gets what is being done, bytes so far and in all.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="UserError">A file cannot be had, or is not the published one.</exception>
    public async Task<IReadOnlyList<string>> FetchAsync(DataSource source, Action<string, long, long?> progress, CancellationToken cancellationToken)
    {
        string home = Path.Combine(folder, source.Folder);
        OutputPath.RequireWritableFolder("data", home);
        IReadOnlyDictionary<string, string> recorded = ReadRecord(home);
        PublishedFile[] missing = [.. source.Files.Where(file => !IsThere(file, recorded))];
        var written = new List<string>();
        foreach (IGrouping<Uri, PublishedFile> group in missing.GroupBy(file => file.Address))
        {
            Uri address = mirror is null ? group.Key : new Uri($"{mirror.AbsoluteUri.TrimEnd('/')}/{group.Key.Segments[^1]}");
            string name = group.Key.Segments[^1];
            string download = Path.Combine(home, $".{name}");
            await new Download(http).RunAsync(address, download, (done, whole) => progress(name, done, whole), cancellationToken).ConfigureAwait(false);
            foreach (PublishedFile file in group)
            {
                Write(file, Read(download, file, address), recorded, address);
                written.Add(file.Path);
            }
            File.Delete(download);
        }
        WriteRecord(home, source);
        return written;
    }

    private bool IsThere(PublishedFile file, IReadOnlyDictionary<string, string> recorded)
    {
        string path = Path.Combine(folder, file.Path);
        if (!File.Exists(path))
        {
            return false;
        }
        string found = Convert.ToHexStringLower(SHA256.HashData(InputFile.ReadAllBytes(path)));
        return (file.Sha256 ?? recorded.GetValueOrDefault(file.Path) ?? found) == found
            ? true
            : throw new UserError($"{path}: expected the published file (SHA-256 {file.Sha256 ?? recorded[file.Path]}), found another one ({found}). Move it away and fetch again.");
    }

    private static byte[] Read(string download, PublishedFile file, Uri address)
    {
        if (file.Member is not string member)
        {
            return InputFile.ReadAllBytes(download);
        }
        try
        {
            return (address.AbsolutePath.EndsWith(".tar", StringComparison.Ordinal) ? FromTar(download, member) : FromZip(download, member))
                ?? throw new UserError($"{address}: expected an archive with a file …{member}, found none in it.");
        }
        catch (InvalidDataException error)
        {
            File.Delete(download);
            throw new UserError($"{address}: expected an archive, found: {error.Message}", error);
        }
    }

    private static byte[]? FromZip(string path, string member)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        // Archives made on a Mac hold a shadow of each file.
        ZipArchiveEntry? entry = archive.Entries.FirstOrDefault(entry => IsMember(entry.FullName, member) && !entry.FullName.StartsWith("__MACOSX", StringComparison.Ordinal));
        if (entry is null)
        {
            return null;
        }
        using Stream content = entry.Open();
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[]? FromTar(string path, string member)
    {
        using FileStream file = File.OpenRead(path);
        using var archive = new TarReader(file);
        while (archive.GetNextEntry() is TarEntry entry)
        {
            if (entry.DataStream is Stream content && IsMember(entry.Name, member))
            {
                using var bytes = new MemoryStream();
                content.CopyTo(bytes);
                return bytes.ToArray();
            }
        }
        return null;
    }

    private static bool IsMember(string name, string member) => $"/{name}".EndsWith(member.StartsWith('/') ? member : $"/{member}", StringComparison.Ordinal);

    private void Write(PublishedFile file, byte[] content, IReadOnlyDictionary<string, string> recorded, Uri address)
    {
        string found = Convert.ToHexStringLower(SHA256.HashData(content));
        string expected = file.Sha256 ?? recorded.GetValueOrDefault(file.Path) ?? found;
        if (found != expected)
        {
            throw new UserError($"{address}: expected {file.Path} with SHA-256 {expected}, found {found}. Nothing was kept of it.");
        }
        string path = Path.Combine(folder, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, content);
    }

    /// <summary>What was written before: SHA-256 by path.</summary>
    private static Dictionary<string, string> ReadRecord(string home)
    {
        string path = Path.Combine(home, Record);
        return File.Exists(path)
            ? InputFile.ReadAllText(path).Split('\n').Select(line => line.Split("  ", 2)).Where(parts => parts.Length == 2 && parts[0].Length == 64).ToDictionary(parts => parts[1], parts => parts[0])
            : [];
    }

    private void WriteRecord(string home, DataSource source)
    {
        IEnumerable<string> lines = source.Files.Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(InputFile.ReadAllBytes(Path.Combine(folder, file.Path))))}  {file.Path}");
        AtomicFile.Write(Path.Combine(home, Record), StrictUtf8.Encoding.GetBytes(
            $"{source.Folder}: {source.Licence}\n{string.Join("\n", source.Files.Select(file => $"from {file.Address}").Distinct())}\n\n{string.Join("\n", lines)}\n"));
    }
}
