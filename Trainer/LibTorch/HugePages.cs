using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.LibTorch;

/// <summary>
/// Asks the kernel for pages of 2 MiB under a large tensor on the CPU: most distributions give them on request only (transparent_hugepage: madvise). With
/// pages of 4 KiB, products that read 100 million weights and an optimizer that passes over them spend a good part of their time on looking up addresses.
/// </summary>
internal static unsafe partial class HugePages
{
    private const int AdviseHugePages = 14;
    private const long PageSize = 2 << 20;

    /// <summary>To be called before anything is written. Does nothing for small tensors, on other devices and where the kernel knows no such pages.</summary>
    /// <returns>The tensor.</returns>
    public static Tensor Under(Tensor tensor)
    {
        long bytes = tensor.numel() * tensor.element_size();
        if (OperatingSystem.IsLinux() && tensor.device_type == DeviceType.CPU && bytes >= 2 * PageSize && LibTorchC.HasLoops)
        {
            long start = (long)LibTorchC.Data(tensor);
            long first = (start + PageSize - 1) / PageSize * PageSize;
            // The answer does not matter: without such pages all works as before.
            _ = Advise((void*)first, (nuint)((start + bytes - first) / PageSize * PageSize), AdviseHugePages);
        }
        return tensor;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
