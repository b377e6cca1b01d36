using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.LibTorch;

/// <summary>How fast a device multiplies square matrices: the ceiling of a training step, which is three quarters matrix products.</summary>
internal static class MatmulRate
{
    /// <summary>Sizes to try, growing while products of the next size fit into the time. A type without hardware stays at the first.</summary>
    private static readonly int[] Sizes = [256, 1024, 4096];

    /// <summary>Multiplies for about <paramref name="duration"/>.</summary>
    /// <returns>Floating-point operations per second of the fastest product at the largest size tried.</returns>
    public static double Measure(Device device, ScalarType type, TimeSpan duration)
    {
        double rate = AtSize(device, type, Sizes[0], duration / 4);
        foreach (int size in Sizes.Skip(1).TakeWhile(size => Operations(size) / rate < duration.TotalSeconds / 4))
        {
            rate = AtSize(device, type, size, duration / 2);
        }
        return rate;
    }

    private static double AtSize(Device device, ScalarType type, int size, TimeSpan duration)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor left = rand(size, size, dtype: ScalarType.Float32, device: device).to(type);
        Tensor right = rand(size, size, dtype: ScalarType.Float32, device: device).to(type);
        Multiply(); // the first product sets up the kernel
        var clock = Stopwatch.StartNew();
        TimeSpan fastest = TimeSpan.MaxValue;
        do
        {
            TimeSpan start = clock.Elapsed;
            Multiply();
            TimeSpan taken = clock.Elapsed - start;
            fastest = taken < fastest ? taken : fastest;
        }
        while (clock.Elapsed < duration);
        return Operations(size) / fastest.TotalSeconds;

        void Multiply()
        {
            matmul(left, right).Dispose();
            if (device.type == DeviceType.CUDA)
            {
                cuda.synchronize(device);
            }
        }
    }

    private static double Operations(double size) => 2 * size * size * size;
}
