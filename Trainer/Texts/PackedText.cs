using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;
using ICSharpCode.SharpZipLib.GZip;
using ZstdSharp;

namespace Factory.Trainer.Texts;

/// <summary>Text as it lies on the disk, compressed or not.</summary>
internal static class PackedText
{
    private const int BufferBytes = 1 << 16;

    /// <summary>The content of <paramref name="file"/>.</summary>
    // .NET's own GZipStream takes a file that was cut off for one that ends there; this one checks length and CRC.
    public static Stream Unpack(FileStream file, Packing packing) => packing switch
    {
        Packing.None => file,
        Packing.Gzip => new GZipInputStream(file, BufferBytes),
        Packing.Zstandard => new DecompressionStream(file),
    };

    /// <summary>What <paramref name="read"/> gives from a reader of such content.</summary>
    /// <exception cref="UserError">What is read is not UTF-8, or the compressed stream is damaged; <paramref name="where"/> says where.</exception>
    public static T Read<T>(Func<T> read, string where)
    {
        try
        {
            return StrictUtf8.Read(read, where);
        }
        // What damaged data makes a decompressor throw goes as far as an index out of range.
        catch (Exception error) when (error is EndOfStreamException or not (UserError or JsonException or IOException or UnauthorizedAccessException or OutOfMemoryException or OperationCanceledException))
        {
            throw new UserError($"{where}: expected whole compressed data, found a file that is cut off or damaged: {error.Message.TrimEnd('.')}. Fetch the file again.", error);
        }
    }
}
