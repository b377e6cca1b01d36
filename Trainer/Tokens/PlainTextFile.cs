using System.Text;
using Factory.Core.Disk;

namespace Factory.Trainer.Tokens;

/// <summary>A .txt file: one document, read in sections of whole lines, so that its size does not matter.</summary>
internal static class PlainTextFile
{
    /// <summary>Characters after which a section ends at the next chance.</summary>
    private const int SectionLength = 1 << 20;

    /// <exception cref="UserError">The file is not UTF-8.</exception>
    public static IEnumerable<TextSection> Read(string path, Stream content)
    {
        using StreamReader reader = StrictUtf8.Reader(content);
        var buffer = new char[SectionLength];
        var rest = new StringBuilder();
        bool opens = true;
        int count;
        while ((count = PackedText.Read(() => reader.ReadBlock(buffer), path)) > 0)
        {
            int end = buffer.AsSpan(0, count).LastIndexOf('\n') + 1;
            // What a further block follows is given out up to its last line end.
            if (end > 0 && count == buffer.Length)
            {
                yield return new TextSection(rest.Append(buffer, 0, end).ToString(), opens, Closes: false);
                opens = false;
                rest.Clear().Append(buffer, end, count - end);
            }
            else
            {
                rest.Append(buffer, 0, count);
            }
        }
        yield return new TextSection(rest.ToString(), opens, Closes: true);
    }
}
