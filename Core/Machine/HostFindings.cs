using System.Globalization;
using System.Runtime.InteropServices;

namespace Factory.Core.Machine;

/// <summary>What every doctor looks at first: system, processor, memory, GPU.</summary>
public static class HostFindings
{
    private const double Gibi = 1L << 30;

    public static IEnumerable<Finding> Collect()
    {
        CpuFeatures cpu = CpuFeatures.OfThisMachine();
        yield return new Finding("System", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        yield return new Finding(".NET", RuntimeInformation.FrameworkDescription);
        yield return new Finding("CPU", cpu.Model);
        yield return new Finding(
            "CPU features",
            cpu.Names.Count == 0 ? "none of those that matter" : string.Join(", ", cpu.Names.Order(StringComparer.Ordinal)),
            RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 && !cpu.Names.Contains("avx2") ? "without AVX2 matrix products are several times slower; use a newer machine or virtual CPU type." : null);
        yield return new Finding("Cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        yield return new Finding("Memory", Size(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        foreach (Finding finding in Gpu(NvidiaDriver.Find(out string obstacle), obstacle))
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> Gpu(NvidiaDriver? driver, string obstacle)
    {
        if (driver is not { Devices.Count: > 0 })
        {
            bool broken = obstacle != "no NVIDIA driver";
            yield return new Finding("GPU", $"none: {obstacle}", broken ? "check with nvidia-smi; in a container pass --gpus all; after a driver update restart the machine." : null);
            yield break;
        }
        yield return new Finding("NVIDIA driver", $"{driver.Version ?? "version unknown"}, runs CUDA up to {driver.CudaVersion}");
        foreach ((int index, NvidiaDevice device) in driver.Devices.Index())
        {
            string precisions = device.HasBFloat16 ? "fp32, TF32, fp16, bf16" : "fp32, fp16";
            yield return new Finding(
                string.Create(CultureInfo.InvariantCulture, $"GPU {index}"), $"{device.Name}, {Size(device.MemoryBytes)}, compute capability {device.ComputeCapability}: {precisions}");
        }
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / Gibi:0.0} GiB");
}
