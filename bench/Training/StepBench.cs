using System.Diagnostics;
using Factory.Core.Architecture;
using Factory.Trainer.Data;
using Factory.Trainer.Kernels;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Bench.Training;

/// <summary>The product's training step on random tokens: nothing here is done otherwise than by 'pretrain'.</summary>
internal static class StepBench
{
    /// <summary>Side of the matrices that the machine's own rate is measured with.</summary>
    private const long GemmSize = 2048;

    /// <summary>Updates before the count, while code is compiled and memory is taken.</summary>
    private const int Warmup = 3;

    /// <param name="batch">Rows of an update.</param>
    /// <param name="micro">Rows of a forward pass.</param>
    /// <param name="time">Tokens of a row.</param>
    public static StepResult Run(LlamaArchitecture architecture, ModelPlacement placement, int batch, int micro, int time, int steps)
    {
        using var model = new LlamaModel(architecture, placement);
        WeightInitializer.Initialize(model, seed: 1);
        Recipe recipe = RecipeDefaults.For(RecipeDefaults.Modern, RecipeDefaults.Preset, Precision.Fp32);
        using var optimizer = new AdamW(model, recipe.Optimizer);
        var step = new TrainingStep(model, optimizer, new LearningRateSchedule(recipe.Schedule), recipe.Optimizer.Clip);
        var random = new Random(1);
        var times = new List<double>();
        IReadOnlyDictionary<StepPart, double> parts = new Dictionary<StepPart, double>();
        long allocated = 0;
        for (int i = 0; i < Warmup + steps; i++)
        {
            UpdateBatch rows = RandomRows(random, architecture.VocabularySize, batch, micro, time);
            long before = GC.GetTotalAllocatedBytes();
            bool last = i == Warmup + steps - 1;
            if (last)
            {
                StepClock.Start();
            }
            long start = Stopwatch.GetTimestamp();
            step.Run(i + recipe.Schedule.WarmupSteps, rows);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (last)
            {
                parts = StepClock.Stop();
            }
            if (i >= Warmup)
            {
                times.Add(seconds);
                allocated = GC.GetTotalAllocatedBytes() - before;
            }
        }
        times.Sort();
        double median = times[times.Count / 2];
        double flops = ModelFlops.PerToken(architecture, time) * batch * time;
        KernelSet kernels = placement.Kernels;
        double single = GemmProbe.Rate(kernels.Gemm, ScalarType.Float32, GemmSize, placement.Device);
        double brain = GemmProbe.Rate(kernels.Gemm, ScalarType.BFloat16, GemmSize, placement.Device);
        double rate = placement.Compute == ScalarType.BFloat16 ? brain : single;
        double total = parts.Values.Sum();
        return new StepResult
        {
            Parameters = architecture.Parameters.TotalCount,
            Kernels = kernels.Name,
            Precision = placement.Compute == ScalarType.BFloat16 ? "bf16" : "fp32",
            Device = placement.Device.ToString(),
            Threads = get_num_threads(),
            MedianMs = median * 1e3,
            BestMs = times[0] * 1e3,
            TokensPerSecond = batch * time / median,
            GemmFp32Gflops = single,
            GemmBf16Gflops = brain,
            GflopPerStep = flops / 1e9,
            Mfu = flops / median / (rate * 1e9),
            PeakRssMb = PeakResidentMegabytes(),
            ManagedKbPerStep = allocated / 1024.0,
            Shares = parts.ToDictionary(part => part.Key.ToString().ToLowerInvariant(), part => part.Value / total),
        };
    }

    private static UpdateBatch RandomRows(Random random, int vocabulary, int batch, int micro, int time) => new([.. Enumerable.Range(0, batch / micro).Select(_ =>
        new MicroBatch(Ids(random, vocabulary, micro * time), Ids(random, vocabulary, micro * time), micro))]);

    private static long[] Ids(Random random, int vocabulary, int count) => [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(vocabulary))];

    private static double PeakResidentMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1e6;
    }
}
