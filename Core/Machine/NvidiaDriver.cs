using System.Globalization;
using System.Runtime.InteropServices;

namespace Factory.Core.Machine;

/// <summary>NVIDIA's driver, asked directly, so that it is seen whether or not a CUDA library is installed.</summary>
/// <param name="Version">Of the driver, or null where the system does not tell.</param>
/// <param name="CudaVersion">Highest CUDA version that the driver runs, for example 13.0.</param>
/// <param name="Devices">In the order of CUDA's device numbers.</param>
public sealed record NvidiaDriver(string? Version, Version CudaVersion, IReadOnlyList<NvidiaDevice> Devices)
{
    private const string KernelModule = "/proc/driver/nvidia/version";

    /// <summary>The driver of this machine, or null and why there is none that works.</summary>
    public static NvidiaDriver? Find(out string obstacle)
    {
        string library = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(library, out nint cuda))
        {
            obstacle = File.Exists(KernelModule)
                ? $"the kernel has NVIDIA driver {KernelVersion()}, but {library} does not load"
                : "no NVIDIA driver";
            return null;
        }
        int error = Function<WithInt>("cuInit")(0);
        if (error != 0)
        {
            obstacle = $"{library} loads, but cuInit fails with error {error.ToString(CultureInfo.InvariantCulture)}";
            return null;
        }
        _ = Function<GetInt>("cuDriverGetVersion")(out int version);
        _ = Function<GetInt>("cuDeviceGetCount")(out int count);
        obstacle = count == 0 ? "the NVIDIA driver sees no GPU" : "";
        return new NvidiaDriver(KernelVersion(), new Version(version / 1000, version % 1000 / 10), [.. Enumerable.Range(0, count).Select(Device)]);

        T Function<T>(string name) where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(cuda, name));

        NvidiaDevice Device(int index)
        {
            const int CapabilityMajor = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
            const int CapabilityMinor = 76;
            _ = Function<DeviceByIndex>("cuDeviceGet")(out int device, index);
            var name = new byte[256];
            _ = Function<GetName>("cuDeviceGetName")(name, name.Length, device);
            _ = Function<GetMemory>("cuDeviceTotalMem_v2")(out nuint bytes, device);
            GetAttribute attribute = Function<GetAttribute>("cuDeviceGetAttribute");
            _ = attribute(out int major, CapabilityMajor, device);
            _ = attribute(out int minor, CapabilityMinor, device);
            return new NvidiaDevice(System.Text.Encoding.UTF8.GetString(name).TrimEnd('\0'), (long)bytes, new Version(major, minor));
        }
    }

    /// <summary>"NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  …": the first word that is a version.</summary>
    private static string? KernelVersion() => !File.Exists(KernelModule)
        ? null
        : File.ReadLines(KernelModule).First().Split(' ').FirstOrDefault(word => word.Contains('.', StringComparison.Ordinal) && word.All(c => char.IsAsciiDigit(c) || c == '.'));

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int WithInt(int value);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetInt(out int value);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int DeviceByIndex(out int device, int index);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetName([Out] byte[] name, int length, int device);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetMemory(out nuint bytes, int device);

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate int GetAttribute(out int value, int attribute, int device);
}
