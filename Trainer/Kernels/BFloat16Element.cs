using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Factory.Trainer.Kernels;

/// <summary>bfloat16: the upper half of a float32.</summary>
internal readonly unsafe struct BFloat16Element : IElement<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ushort* at)
    {
        if (Avx512F.IsSupported)
        {
            return (Avx512F.ConvertToVector512UInt32(Vector256.Load(at)) << 16).AsSingle();
        }
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(at));
        return Vector512.Create(low << 16, high << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(ushort* at, Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        // Rounding would turn some NaNs into infinities; a quiet one stays.
        rounded = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
        (Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(rounded) : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper())).Store(at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Get(ushort* at) => BitConverter.UInt32BitsToSingle((uint)*at << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(ushort* at, float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        *at = float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
