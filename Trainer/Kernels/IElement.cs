using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>How numbers lie in memory; kernels compute in float32 whatever the storage.</summary>
/// <typeparam name="T">A number as stored.</typeparam>
internal unsafe interface IElement<T> where T : unmanaged
{
    /// <summary>Sixteen numbers from <paramref name="at"/> on.</summary>
    static abstract Vector512<float> Load(T* at);

    /// <summary>Stores sixteen numbers, rounded to nearest even where the storage is narrow.</summary>
    static abstract void Store(T* at, Vector512<float> values);

    static abstract float Get(T* at);

    static abstract void Set(T* at, float value);
}

/// <summary>float32.</summary>
internal readonly unsafe struct Single : IElement<float>
{
    public static Vector512<float> Load(float* at) => Vector512.Load(at);

    public static void Store(float* at, Vector512<float> values) => values.Store(at);

    public static float Get(float* at) => *at;

    public static void Set(float* at, float value) => *at = value;
}

/// <summary>bfloat16: the upper half of a float32.</summary>
internal readonly unsafe struct Brain : IElement<ushort>
{
    public static Vector512<float> Load(ushort* at)
    {
        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(at));
        return Vector512.Create(low << 16, high << 16).AsSingle();
    }

    public static void Store(ushort* at, Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One)) >> 16;
        // Rounding would turn some NaNs into infinities; a quiet one stays.
        rounded = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
        Vector256.Narrow(rounded.GetLower(), rounded.GetUpper()).Store(at);
    }

    public static float Get(ushort* at) => BitConverter.UInt32BitsToSingle((uint)*at << 16);

    public static void Set(ushort* at, float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        *at = float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
