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
