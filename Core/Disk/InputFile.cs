using System.Security.Cryptography;

namespace Factory.Core.Disk;

/// <summary>Opens a file that somebody named, or says in one line why that is not possible.</summary>
public static class InputFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>The file, to be read from its start on.</summary>
    /// <param name="expected">What it should be, with its article: "a SentencePiece model".</param>
    /// <exception cref="UserError">There is no such file, or it may not be read.</exception>
    public static FileStream Open(string path, string expected = "a readable file") =>
        Say(path, expected, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan));

    /// <summary>The whole file.</summary>
    /// <inheritdoc cref="Open"/>
    public static byte[] ReadAllBytes(string path, string expected = "a readable file") => Say(path, expected, () => File.ReadAllBytes(path));

    /// <summary>The whole file as text, without a byte order mark.</summary>
    /// <inheritdoc cref="Open"/>
    /// <exception cref="UserError">It is not UTF-8.</exception>
    public static string ReadAllText(string path, string expected = "a readable text file") => StrictUtf8.Decode(ReadAllBytes(path, expected), path);

    /// <summary>SHA-256 of the whole file, in lower case.</summary>
    /// <inheritdoc cref="Open"/>
    public static string Sha256(string path)
    {
        using FileStream stream = Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>
    /// Copies the content only: the copy is an ordinary new file, which its owner can read and write whatever the mode of <paramref name="path"/>.
    /// </summary>
    /// <inheritdoc cref="Open"/>
    public static void CopyTo(string path, string copy)
    {
        using FileStream source = Open(path);
        using var target = new FileStream(copy, FileMode.CreateNew, FileAccess.Write);
        source.CopyTo(target);
    }

    /// <summary>Whether a file stands at <paramref name="path"/> that can be read from any place, again and again: no directory, pipe or device.</summary>
    public static bool IsRegular(string path) => Posix.IsRegular(path);

    /// <summary>One name for one file or directory: absolute, with the links of every folder on the way followed. Links that lead nowhere stay.</summary>
    public static string RealPath(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return full;
        }
        var entry = new FileInfo(Path.Combine(RealPath(parent), Path.GetFileName(full)));
        try
        {
            return entry.LinkTarget is not null && entry.ResolveLinkTarget(returnFinalTarget: true) is FileSystemInfo target ? RealPath(target.FullName) : entry.FullName;
        }
        catch (IOException)
        {
            return entry.FullName;
        }
    }

    private static T Say<T>(string path, string expected, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UserError($"{path}: expected {expected}, found {Found(path, error)}", error);
        }
    }

    private static string Found(string path, Exception error) => error switch
    {
        ArgumentException => "an empty name.",
        FileNotFoundException or DirectoryNotFoundException => "no such file.",
        _ when Directory.Exists(path) => "a directory.",
        UnauthorizedAccessException => "one that this user may not read.",
        _ => $"one that cannot be read: {error.Message}",
    };
}
