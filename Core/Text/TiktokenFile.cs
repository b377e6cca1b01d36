using System.Buffers.Text;
using Factory.Core.Disk;

namespace Factory.Core.Text;

/// <summary>tiktoken's vocabulary files: a piece's bytes in base64, a space and its rank, one a line.</summary>
public static class TiktokenFile
{
    /// <summary>Whether a file starts like one.</summary>
    /// <exception cref="UserError">The file cannot be read.</exception>
    public static bool IsAt(string path)
    {
        using FileStream stream = InputFile.Open(path, "a readable tokenizer");
        Span<byte> start = stackalloc byte[256];
        return Looks(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }

    internal static bool Looks(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (end < 0 ? bytes : bytes[..end]).TrimEnd((byte)'\r');
        int space = line.IndexOf((byte)' ');
        return space > 0 && Base64.IsValid(line[..space]) && Utf8Parser.TryParse(line[(space + 1)..], out uint _, out int digits) && digits == line.Length - space - 1;
    }
}
