using System.Globalization;
using Factory.Core;
using Factory.Core.Machine;
using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Doctor;

/// <summary>What a doctor says of ONNX Runtime: version, providers, CUDA, precisions, speed.</summary>
public static class OnnxRuntimeFindings
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    /// <summary>Loads ONNX Runtime; a failure becomes a finding.</summary>
    /// <param name="cudaPlugin">A plugin library to try for CUDA, or null for the built-in provider.</param>
    public static IReadOnlyList<Finding> Collect(string? cudaPlugin)
    {
        OnnxRuntimeLibrary library;
        try
        {
            library = OnnxRuntimeLibrary.Prepare();
        }
        catch (UserError error)
        {
            return [new Finding("ONNX Runtime", "does not load", error.Message, Fails: true)];
        }
        string? obstacle = ExecutionProvider.CudaObstacle(cudaPlugin);
        bool gpu = NvidiaDriver.Find(out _) is { Devices.Count: > 0 };
        return
        [
            new Finding("ONNX Runtime", $"{library.Version}, {library.Path ?? "path unknown"}"),
            new Finding("Providers built in", string.Join(", ", OrtEnv.Instance().GetAvailableProviders())),
            obstacle is null
                ? new Finding("CUDA", "usable")
                : new Finding("CUDA", $"not usable: {obstacle}", gpu ? "this machine has a GPU, so remove that obstacle to serve from it; docs/cuda.md shows each way." : null),
            new Finding("Precisions", obstacle is null ? "fp32 bundles on the CPU, fp16 and bf16 bundles on CUDA" : "fp32 bundles on the CPU"),
            new Finding("Matrix products", string.Create(CultureInfo.InvariantCulture, $"fp32 {SessionRate.Measure(OneSecond) / 1e9:#,0.#} GFLOP/s on the CPU")),
        ];
    }
}
