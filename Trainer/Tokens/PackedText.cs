using System.IO.Compression;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Tokens;

/// <summary>Text as it lies on the disk, compressed or not.</summary>
internal static class PackedText
{
    /// <summary>The content of <paramref name="file"/>, unpacked where the name says that it is packed.</summary>
    public static Stream Unpack(FileStream file) =>
        file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;

    /// <summary>What <paramref name="read"/> gives from a reader of such content.</summary>
    /// <exception cref="UserError">What is read is not UTF-8, or the compressed stream is damaged; <paramref name="where"/> says where.</exception>
    public static T Read<T>(Func<T> read, string where)
    {
        try
        {
            return StrictUtf8.Read(read, where);
        }
        catch (InvalidDataException error)
        {
            throw new UserError($"{where}: expected gzip data, found something else: {error.Message} Fetch the file again.", error);
        }
    }
}
