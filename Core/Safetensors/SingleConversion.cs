using System.Numerics;
using System.Runtime.InteropServices;

namespace Factory.Core.Safetensors;

/// <summary>Floating numbers of any stored type as float32.</summary>
internal static class SingleConversion
{
    /// <param name="stored">Little-endian elements, as many as <paramref name="destination"/> takes.</param>
    public static void Widen(ElementType type, ReadOnlySpan<byte> stored, Span<float> destination)
    {
        switch (type)
        {
            case ElementType.Float32:
                stored.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case ElementType.Float64:
                ReadOnlySpan<double> doubles = MemoryMarshal.Cast<byte, double>(stored);
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = (float)doubles[i];
                }
                break;
            case ElementType.Float16:
                ReadOnlySpan<Half> halves = MemoryMarshal.Cast<byte, Half>(stored);
                for (int i = 0; i < destination.Length; i++)
                {
                    destination[i] = (float)halves[i];
                }
                break;
            case ElementType.BFloat16:
                WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(stored), MemoryMarshal.Cast<float, uint>(destination));
                break;
            case ElementType.Int64 or ElementType.Int32 or ElementType.UInt8:
                throw new ArgumentException($"Expected a floating type, found {type}.", nameof(type));
        }
    }

    /// <summary>A bfloat16 is the upper half of a float32.</summary>
    private static void WidenBFloat16(ReadOnlySpan<ushort> stored, Span<uint> bits)
    {
        int at = 0;
        for (; at <= stored.Length - Vector<ushort>.Count; at += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(stored[at..]), out Vector<uint> lower, out Vector<uint> upper);
            (lower << 16).CopyTo(bits[at..]);
            (upper << 16).CopyTo(bits[(at + Vector<uint>.Count)..]);
        }
        for (; at < stored.Length; at++)
        {
            bits[at] = (uint)stored[at] << 16;
        }
    }
}
