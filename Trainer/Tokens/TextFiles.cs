using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Tokens;

/// <summary>The text files that a command line names, in a fixed order.</summary>
internal sealed class TextFiles
{
    private static readonly string[] PlainSuffixes = [".txt"];
    private static readonly string[] JsonSuffixes = [".jsonl", ".jsonl.gz", ".json", ".json.gz"];

    private readonly string _field;
    private long _bytesRead;

    /// <param name="inputs">Files, and directories that are searched with all below them.</param>
    /// <param name="field">The field of a JSON line that holds the text.</param>
    /// <exception cref="UserError">An input is missing, of a type that is not read, or a directory without text files.</exception>
    public TextFiles(IReadOnlyList<string> inputs, string field)
    {
        _field = field;
        Paths = [.. inputs.SelectMany(Find)];
        TotalBytes = Paths.Sum(path => new FileInfo(path).Length);
    }

    /// <summary>Arguments in their order, files of a directory by name.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Bytes of all files as they lie on disk.</summary>
    public long TotalBytes { get; }

    /// <summary>How much of <see cref="TotalBytes"/> has been read.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>The documents of all files, streamed: a .txt file is one document, a line of a JSON file is one.</summary>
    /// <exception cref="UserError">A file cannot be read as what its name says.</exception>
    public IEnumerable<TextSection> Sections()
    {
        long before = 0;
        foreach (string path in Paths)
        {
            using FileStream file = InputFile.Open(path);
            long length = file.Length;
            using Stream content = PackedText.Unpack(file);
            foreach (TextSection section in IsPlain(path) ? PlainTextFile.Read(path, content) : JsonLinesFile.Read(path, content, _field))
            {
                Interlocked.Exchange(ref _bytesRead, before + file.Position);
                yield return section;
            }
            before += length;
            Interlocked.Exchange(ref _bytesRead, before);
        }
    }

    private static IEnumerable<string> Find(string input)
    {
        if (File.Exists(input))
        {
            return IsText(input) ? [input] : throw new SettingError("input", $"expected a file ending in {Suffixes()}, found {input}.");
        }
        if (!Directory.Exists(input))
        {
            throw new SettingError("input", $"expected a text file or a directory of them, found nothing at {input}.");
        }
        string[] found = [.. Directory.EnumerateFiles(input, "*", SearchOption.AllDirectories).Where(IsText).Order(StringComparer.Ordinal)];
        return found.Length > 0 ? found : throw new SettingError("input", $"expected files ending in {Suffixes()} in {input}, found none.");
    }

    private static bool IsText(string path) => PlainSuffixes.Concat(JsonSuffixes).Any(suffix => path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    private static bool IsPlain(string path) => PlainSuffixes.Any(suffix => path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));

    private static string Suffixes() => string.Join(", ", PlainSuffixes.Concat(JsonSuffixes));
}
