using System.Globalization;
using Factory.Core;
using Factory.Core.Machine;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.LibTorch;

/// <summary>What the Trainer's doctor says of libtorch: version, CUDA, device, precisions, speed.</summary>
internal static class LibTorchFindings
{
    private static readonly TimeSpan HalfASecond = TimeSpan.FromSeconds(0.5);

    /// <summary>Loads libtorch; a failure becomes a finding.</summary>
    public static IReadOnlyList<Finding> Collect()
    {
        LibTorchLibrary library;
        try
        {
            library = LibTorchLibrary.Prepare();
        }
        catch (UserError error)
        {
            return [new Finding("libtorch", "does not load", error.Message, Fails: true)];
        }
        DeviceChoice choice = DeviceChoice.Parse("auto");
        bool gpu = choice.Device.type == DeviceType.CUDA;
        bool bfloat16 = gpu ? NvidiaDriver.Find(out _)?.Devices[0].HasBFloat16 == true : CpuFeatures.OfThisMachine().HasBFloat16;
        return
        [
            new Finding("libtorch", $"{library.Version}, {library.Path ?? "path unknown"}"),
            Cuda(library, gpu),
            new Finding("Device", choice.Reason),
            new Finding("Precisions", $"fp32; bf16 {(bfloat16 ? "in hardware" : "by conversion, slower than fp32")}"),
            new Finding("Matrix products", $"fp32 {Rate(choice.Device, ScalarType.Float32)}, bf16 {Rate(choice.Device, ScalarType.BFloat16)}"),
        ];
    }

    private static Finding Cuda(LibTorchLibrary library, bool usable)
    {
        string? folder = Path.GetDirectoryName(library.Path);
        bool built = folder is not null && File.Exists(Path.Combine(folder, "libtorch_cuda.so"));
        if (usable)
        {
            string?[] parts = [LoadedLibraries.FindAny("libcudart"), LoadedLibraries.FindAny("libcudnn.so"), LoadedLibraries.FindAny("libcublas.so")];
            return new Finding("CUDA", string.Join(", ", parts.Where(part => part is not null).DefaultIfEmpty("usable")));
        }
        bool driver = NvidiaDriver.Find(out string obstacle) is { Devices.Count: > 0 };
        return (built, driver) switch
        {
            (false, false) => new Finding("CUDA", "this libtorch has no CUDA, and this machine no usable GPU"),
            (false, true) => new Finding(
                "CUDA", "this libtorch has no CUDA", $"build with -p:Accelerator=cuda, or let {LibTorchLibrary.Variable} name the torch/lib of a PyTorch 2.10 or 2.11 with CUDA."),
            (true, false) => new Finding("CUDA", $"this libtorch has CUDA, but {obstacle}"),
            (true, true) => new Finding(
                "CUDA", "this libtorch has CUDA, but does not use the GPU", "compare the driver's CUDA version above with that of libtorch; update the driver if it is lower."),
        };
    }

    private static string Rate(Device device, ScalarType type) =>
        string.Create(CultureInfo.InvariantCulture, $"{MatmulRate.Measure(device, type, HalfASecond) / 1e9:#,0.#} GFLOP/s");
}
