using System.Runtime.Intrinsics;

namespace Factory.Trainer.Kernels;

/// <summary>float32.</summary>
internal readonly unsafe struct Float32Element : IElement<float>
{
    public static Vector512<float> Load(float* at) => Vector512.Load(at);

    public static void Store(float* at, Vector512<float> values) => values.Store(at);

    public static float Get(float* at) => *at;

    public static void Set(float* at, float value) => *at = value;
}
