using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Kernels;

/// <summary>Which matrix product is fastest on this machine, by trying: products of about a training step's size, a few times each.</summary>
internal static class GemmProbe
{
    private const long Size = 768;
    private const int Rounds = 6;

    /// <summary>The fastest of those there are, with a line about what was seen.</summary>
    public static (KernelSet Kernels, string Reason) Fastest()
    {
        KernelSet[] sets = [.. KernelSet.All.Values.Where(set => set.Fused && set.IsAvailable)];
        if (sets.Length == 0)
        {
            return (KernelSet.Plain, "this libtorch lacks what the fused kernels need");
        }
        (KernelSet Set, double Rate)[] rates = [.. sets.Select(set => (set, Rate(set.Gemm, ScalarType.Float32)))];
        string seen = string.Join(", ", rates.Select(rate => FormattableString.Invariant($"{rate.Set.Gemm.Name} {rate.Rate:0}")));
        return (rates.MaxBy(rate => rate.Rate).Set, $"float32 products: {seen} GFLOP/s");
    }

    /// <summary>Best rate of <paramref name="gemm"/>, in GFLOP/s.</summary>
    public static double Rate(Gemm gemm, ScalarType type)
    {
        using var noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(Size, Size).to(type);
        gemm.Forward(x, x);
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            gemm.Forward(x, x);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * Size * Size * Size / best / 1e9;
    }
}
