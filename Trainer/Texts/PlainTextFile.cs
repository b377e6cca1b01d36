using Factory.Core.Disk;

namespace Factory.Trainer.Texts;

/// <summary>
/// A .txt file: one document, or several with a separator between them. It is read in sections of whole lines, so that its size does not matter.
/// </summary>
internal static class PlainTextFile
{
    /// <summary>The separator that published files use most; where it stands in a file that is taken as one document, somebody forgot to say so.</summary>
    public const string CommonSeparator = "<|endoftext|>";

    /// <summary>Characters after which a section ends at the next chance.</summary>
    private const int SectionLength = 1 << 20;

    /// <param name="separator">What stands between documents; null: the file is one.</param>
    /// <exception cref="Core.UserError">The file is not UTF-8.</exception>
    public static IEnumerable<TextSection> Read(string path, Stream content, string? separator)
    {
        using StreamReader reader = StrictUtf8.Reader(content);
        var buffer = new char[SectionLength];
        string rest = "";
        bool opens = true;
        int count;
        while ((count = PackedText.Read(() => reader.ReadBlock(buffer), path)) > 0)
        {
            string text = string.Concat(rest, buffer.AsSpan(0, count));
            int start = 0;
            for (int at; separator is not null && (at = text.IndexOf(separator, start, StringComparison.Ordinal)) >= 0; start = at + separator.Length)
            {
                yield return Section(text[start..at], opens, closes: true, separator);
                opens = true;
            }
            rest = text[start..];
            // What a further block follows is given out up to its last line end, and not beyond where a separator may have begun.
            int end = count < buffer.Length ? 0 : rest.LastIndexOf('\n', Math.Max(0, rest.Length - 1 - (separator?.Length ?? 0))) + 1;
            if (end > 0)
            {
                yield return Section(rest[..end], opens, closes: false, separator);
                opens = false;
                rest = rest[end..];
            }
        }
        if (separator is null || !opens || rest.AsSpan().Trim().Length > 0)
        {
            yield return Section(rest, opens, closes: true, separator);
        }
    }

    private static TextSection Section(string text, bool opens, bool closes, string? separator)
    {
        if (separator is not null)
        {
            text = opens ? text.TrimStart('\r', '\n') : text;
            text = closes ? text.TrimEnd('\r', '\n') : text;
        }
        return new TextSection(text, opens, closes);
    }
}
