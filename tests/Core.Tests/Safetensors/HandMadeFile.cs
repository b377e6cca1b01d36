using System.Buffers.Binary;
using System.Text;

namespace Factory.Core.Tests.Safetensors;

/// <summary>Safetensors files put together by hand, sound or not.</summary>
internal static class HandMadeFile
{
    /// <summary>Length prefix, header and data, in that order.</summary>
    public static string Write(string path, string header, int dataBytes, long? headerLength = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, headerLength ?? json.Length);
        File.WriteAllBytes(path, [.. prefix, .. json, .. new byte[dataBytes]]);
        return path;
    }
}
