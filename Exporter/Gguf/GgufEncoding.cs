using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Factory.Exporter.Quantization;

namespace Factory.Exporter.Gguf;

/// <summary>
/// Values as the bytes of a GGUF tensor, and back. The quantized types have blocks of 32 values with a float16 scale d in front:
/// <code>
/// Q8_0   d, 32 × int8                 value = d · q
/// Q4_0   d, 16 bytes                  value = d · (q - 8); byte i holds value i below and value i + 16 above
/// </code>
/// </summary>
internal static class GgufEncoding
{
    /// <summary>Values that share a scale.</summary>
    public const int Block = 32;

    /// <summary>Bytes of <paramref name="count"/> values.</summary>
    public static long Bytes(GgufType type, long count) => type switch
    {
        GgufType.F32 => count * 4,
        GgufType.F16 => count * 2,
        GgufType.Q4_0 => count / Block * 18,
        GgufType.Q8_0 => count / Block * 34,
    };

    public static byte[] Encode(GgufType type, float[] values) => type switch
    {
        GgufType.F32 => MemoryMarshal.AsBytes<float>(values).ToArray(),
        GgufType.F16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)).ToArray(),
        GgufType.Q4_0 => Blocks(values, 18, EncodeQ4),
        GgufType.Q8_0 => Blocks(values, 34, EncodeQ8),
    };

    public static float[] Decode(GgufType type, byte[] bytes) => type switch
    {
        GgufType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        GgufType.F16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), value => (float)value),
        GgufType.Q4_0 => [.. bytes.Chunk(18).SelectMany(block => Enumerable.Range(0, Block).Select(i => Scale(block) * (((i < 16 ? block[2 + i] : block[2 + i - 16] >> 4) & 15) - 8)))],
        GgufType.Q8_0 => [.. bytes.Chunk(34).SelectMany(block => Enumerable.Range(0, Block).Select(i => Scale(block) * (sbyte)block[2 + i]))],
    };

    private delegate void EncodeBlock(ReadOnlySpan<float> values, Span<byte> block);

    private static byte[] Blocks(float[] values, int size, EncodeBlock encode)
    {
        var result = new byte[checked(values.Length / Block * size)];
        Parallel.For(0, values.Length / Block, i => encode(values.AsSpan(i * Block, Block), result.AsSpan(i * size, size)));
        return result;
    }

    private static void EncodeQ8(ReadOnlySpan<float> values, Span<byte> block)
    {
        float largest = 0;
        foreach (float value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }
        float scale = largest / 127;
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (int i = 0; i < Block; i++)
        {
            block[2 + i] = (byte)(sbyte)(scale == 0 ? 0 : MathF.Round(values[i] / scale));
        }
    }

    private static void EncodeQ4(ReadOnlySpan<float> values, Span<byte> block)
    {
        float scale = BlockInt4.FullRange(values);
        BinaryPrimitives.WriteHalfLittleEndian(block, (Half)scale);
        for (int i = 0; i < Block / 2; i++)
        {
            block[2 + i] = (byte)((BlockInt4.Level(values[i], scale) + 8) | ((BlockInt4.Level(values[i + (Block / 2)], scale) + 8) << 4));
        }
    }

    private static float Scale(byte[] block) => (float)BinaryPrimitives.ReadHalfLittleEndian(block);
}
