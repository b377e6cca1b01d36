using Factory.Core.Disk;

namespace Factory.Trainer.Texts;

/// <summary>The documents of all sources, as a stream, in a fixed order.</summary>
internal sealed class TextFiles
{
    private readonly TextOptions _options;
    private readonly Action<string> _log;
    private long _bytesRead;

    /// <param name="log">Takes a line about what looks like a mistake.</param>
    public TextFiles(IReadOnlyList<InputSource> sources, TextOptions options, Action<string> log)
    {
        Sources = sources;
        _options = options;
        _log = log;
        TotalBytes = sources.SelectMany(source => source.Files).Sum(path => new FileInfo(path).Length);
    }

    public IReadOnlyList<InputSource> Sources { get; }

    /// <summary>Bytes of all files as they lie on disk.</summary>
    public long TotalBytes { get; }

    /// <summary>How much of <see cref="TotalBytes"/> has been read.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>All documents, each with the number of its source.</summary>
    /// <exception cref="Core.UserError">A file cannot be read as what its name says.</exception>
    public IEnumerable<(int Source, TextSection Section)> Sections()
    {
        long before = 0;
        foreach ((int number, InputSource source) in Sources.Index())
        {
            foreach (string path in source.Files)
            {
                using FileStream file = InputFile.Open(path);
                long length = file.Length;
                foreach (TextSection section in Read(path, file))
                {
                    Interlocked.Exchange(ref _bytesRead, before + file.Position);
                    yield return (number, section);
                }
                before += length;
                Interlocked.Exchange(ref _bytesRead, before);
            }
        }
    }

    private IEnumerable<TextSection> Read(string path, FileStream file)
    {
        FileKind kind = FileKind.FromPath(path)!.Value;
        if (kind.Format == TextFormat.Parquet)
        {
            return ParquetText.Read(path, file, _options.Field);
        }
        Stream content = PackedText.Unpack(file, kind.Packing);
        return kind.Format == TextFormat.Plain ? ReadPlain(path, content)
            : IsArray(path, kind.Packing) ? JsonText.ReadArray(path, content, _options.Field)
            : JsonText.ReadLines(path, content, _options.Field);
    }

    private IEnumerable<TextSection> ReadPlain(string path, Stream content)
    {
        bool warned = _options.Separator is not null;
        foreach (TextSection section in PlainTextFile.Read(path, content, _options.Separator))
        {
            if (!warned && section.Text.Contains(PlainTextFile.CommonSeparator, StringComparison.Ordinal))
            {
                _log($"{path}: found {PlainTextFile.CommonSeparator}, which is read as text. If it separates documents, add --document-separator '{PlainTextFile.CommonSeparator}'.");
                warned = true;
            }
            yield return section;
        }
    }

    private static bool IsArray(string path, Packing packing)
    {
        using FileStream file = InputFile.Open(path);
        using Stream content = PackedText.Unpack(file, packing);
        return JsonText.IsArray(path, content);
    }
}
