using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Factory.Core.Disk;

/// <summary>
/// Names of what is being written, hidden beside where it will stand: <c>.NAME.1f2e3d4c.writing</c>. A writer that was killed leaves such a thing
/// behind; the next writer in that folder removes it.
/// </summary>
internal static class Leftovers
{
    private const string Suffix = ".writing";
    private const int RandomDigits = 8;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Bytes that a name may have, and that leave room for what is put around a key.</summary>
    private const int LongestName = 255;
    private const int LongestKey = 200;

    /// <summary>What stands for <paramref name="name"/> in hidden names: itself, or its hash where it is very long.</summary>
    /// <exception cref="PathTooLongException">No file can have that name.</exception>
    public static string Key(string name) => Encoding.UTF8.GetByteCount(name) switch
    {
        > LongestName => throw new PathTooLongException("The name is too long."),
        > LongestKey => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))),
        _ => name,
    };

    /// <summary>A path in <paramref name="folder"/> that nobody else uses.</summary>
    public static string NewPath(string folder, string key) => Path.Combine(folder, $".{key}.{RandomNumberGenerator.GetHexString(RandomDigits, lowercase: true)}{Suffix}");

    /// <summary>Removes what killed writers left in <paramref name="folder"/>. What cannot be removed is left alone: it is in nobody's way.</summary>
    /// <param name="ownKey">A key whose lock the caller holds; null: none.</param>
    public static void Sweep(string folder, string? ownKey)
    {
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder, $".*{Suffix}").ToArray())
            {
                string name = Path.GetFileName(path);
                int end = name.Length - Suffix.Length - RandomDigits - 1;
                if (end > 1 && name[end] == '.' && !name.AsSpan(end + 1, RandomDigits).ContainsAnyExcept(HexDigits))
                {
                    Sweep(folder, path, name[1..end], ownKey);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    public static void Delete(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    private static void Sweep(string folder, string path, string key, string? ownKey)
    {
        if (key == ownKey)
        {
            Delete(path);
            return;
        }
        using WriterLock? free = WriterLock.TryTake(folder, key);
        if (free is not null)
        {
            Delete(path);
        }
    }
}
