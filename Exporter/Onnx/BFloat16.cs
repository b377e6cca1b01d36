namespace Factory.Exporter.Onnx;

/// <summary>A float32 cut to its upper 16 bits, rounded to nearest, ties to even.</summary>
internal readonly record struct BFloat16(ushort Bits)
{
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        // A NaN must not round up to infinity.
        return new BFloat16(float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);
}
