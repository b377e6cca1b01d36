using System.IO.Enumeration;

namespace Factory.Trainer.Texts;

/// <summary>A path with wildcards, for shells that do not expand them and for quoted ones: * and ? within a name, ** for any folders between.</summary>
internal static class GlobPattern
{
    private static readonly string[] AnyName = ["*"];

    public static bool Is(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>The files that fit, in ordinal order. Hidden ones fit only a pattern that spells the dot.</summary>
    /// <exception cref="IOException">A folder on the way cannot be read.</exception>
    public static IReadOnlyList<string> Files(string pattern)
    {
        string root = Path.IsPathRooted(pattern) ? Path.GetPathRoot(pattern)! : "";
        string[] parts = pattern[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        return [.. Match(root, parts).Distinct().Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Match(string folder, ReadOnlyMemory<string> parts)
    {
        string part = parts.Span[0];
        ReadOnlyMemory<string> rest = parts[1..];
        if (part == "**")
        {
            IEnumerable<string> here = Match(folder, rest.IsEmpty ? AnyName : rest);
            return here.Concat(Folders(folder, "*").Where(child => new DirectoryInfo(child).LinkTarget is null).SelectMany(child => Match(child, parts)));
        }
        if (!rest.IsEmpty)
        {
            return (Is(part) ? Folders(folder, part) : [Path.Combine(folder, part)]).SelectMany(child => Match(child, rest));
        }
        return Is(part)
            ? Entries(folder).Where(path => Fits(part, path) && !Directory.Exists(path))
            : new[] { Path.Combine(folder, part) }.Where(File.Exists);
    }

    private static IEnumerable<string> Folders(string folder, string part) => Entries(folder).Where(path => Fits(part, path) && Directory.Exists(path));

    private static IEnumerable<string> Entries(string folder) =>
        folder.Length == 0 ? Directory.EnumerateFileSystemEntries(".").Select(path => Path.GetFileName(path)) : Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder) : [];

    private static bool Fits(string part, string path)
    {
        string name = Path.GetFileName(path);
        return (name[0] != '.' || part[0] == '.') && FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false);
    }
}
