using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>Which matrix product is fastest on this machine, by trying: products of about a training step's size, a few times each.</summary>
internal static class GemmProbe
{
    private const long Size = 768;
    private const int Rounds = 24;

    /// <summary>Where a product has no hardware (bfloat16 on older processors), one is enough to know.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>The fastest set for float32, its rate in GFLOP/s, and what was seen of all.</summary>
    public static (KernelSet Kernels, double Rate, string Seen) Fastest()
    {
        KernelSet[] fused = [.. KernelSet.All.Values.Where(set => set.Fused && set.IsAvailable)];
        KernelSet[] sets = fused.Length > 0 ? fused : [KernelSet.Plain];
        (KernelSet Set, double Rate)[] rates = [.. sets.Select(set => (set, Rate(set.Gemm, ScalarType.Float32)))];
        (KernelSet kernels, double rate) = rates.MaxBy(rate => rate.Rate);
        return (kernels, rate, $"float32 {string.Join(", ", rates.Select(rate => FormattableString.Invariant($"{rate.Set.Gemm.Name} {rate.Rate:0}")))}");
    }

    /// <summary>Best rate of <paramref name="gemm"/>, in GFLOP/s.</summary>
    /// <param name="size">Side of the square matrices.</param>
    public static double Rate(Gemm gemm, ScalarType type, long size = Size, Device? device = null)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(size, size).to(type).to(device ?? CPU);
        long begin = Stopwatch.GetTimestamp();
        double best = double.MaxValue;
        for (int round = 0; round <= Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            gemm.Forward(x, x);
            if (device?.type == DeviceType.CUDA)
            {
                cuda.synchronize(device);
            }
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            if (Stopwatch.GetElapsedTime(begin) > Patience)
            {
                break;
            }
        }
        return 2.0 * size * size * size / best / 1e9;
    }
}
