namespace Factory.Trainer.Texts;

/// <summary>How the documents of a file are told apart.</summary>
internal enum TextFormat
{
    /// <summary>The file is one document, or several with a separator between.</summary>
    Plain,

    /// <summary>One JSON object a line, or one array of them; each a document.</summary>
    Json,

    /// <summary>A table; each row a document.</summary>
    Parquet,
}

/// <summary>How the bytes of a file are compressed.</summary>
internal enum Packing
{
    None,
    Gzip,
    Zstandard,
}

/// <summary>What a file holds, by its name.</summary>
internal readonly record struct FileKind(TextFormat Format, Packing Packing)
{
    private static readonly (string Suffix, TextFormat Format)[] Formats =
        [(".txt", TextFormat.Plain), (".jsonl", TextFormat.Json), (".ndjson", TextFormat.Json), (".json", TextFormat.Json), (".parquet", TextFormat.Parquet)];

    private static readonly (string Suffix, Packing Packing)[] Packings = [(".gz", Packing.Gzip), (".zst", Packing.Zstandard)];

    /// <summary>For messages: ".txt, .jsonl, …".</summary>
    public static string Suffixes { get; } =
        $"{string.Join(", ", Formats.Select(format => format.Suffix))}, each but .parquet also with {string.Join(" or ", Packings.Select(packing => packing.Suffix))}";

    /// <summary>The kind of <paramref name="path"/>, or null where its name is none of those that are read.</summary>
    public static FileKind? FromPath(string path)
    {
        (string suffix, Packing packing) = Packings.FirstOrDefault(known => Ends(path, known.Suffix), (Suffix: "", Packing: Packing.None));
        path = path[..^suffix.Length];
        (string end, TextFormat format) = Formats.FirstOrDefault(known => Ends(path, known.Suffix));
        // Parquet compresses its columns itself, and has to be read from any place.
        return end is null || (format == TextFormat.Parquet && packing != Packing.None) ? null : new FileKind(format, packing);
    }

    private static bool Ends(string path, string suffix) => path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);
}
