using System.Runtime.InteropServices;
using Factory.Core;
using Factory.Core.Machine;
using TorchSharp;

namespace Factory.Trainer.LibTorch;

/// <summary>
/// The libtorch of this process. <see cref="Prepare"/> comes before the first tensor: it loads the libtorch that FACTORY_LIBTORCH names, or
/// the package's beside the executable, and says in one line what is wrong when neither loads.
/// </summary>
/// <param name="Version">Of libtorch itself, for example "2.10.0".</param>
/// <param name="Path">Of its libtorch_cpu, or null where the system does not tell.</param>
public sealed record LibTorchLibrary(string Version, string? Path)
{
    /// <summary>A folder with another libtorch, for example a PyTorch's torch/lib.</summary>
    public const string Variable = "FACTORY_LIBTORCH";

    private static readonly Lock Gate = new();
    private static LibTorchLibrary? _loaded;

    /// <summary>Loads libtorch once; later calls return what was loaded.</summary>
    /// <exception cref="UserError">It cannot be loaded, or FACTORY_LIBTORCH names a version that TorchSharp does not work with.</exception>
    public static LibTorchLibrary Prepare()
    {
        lock (Gate)
        {
            return _loaded ??= Load(Environment.GetEnvironmentVariable(Variable));
        }
    }

    private static LibTorchLibrary Load(string? folder)
    {
        OpenMPWaiting.Sleep();
        NativeHeap.KeepFreedBlocks();
        bool foreign = !string.IsNullOrEmpty(folder);
        if (foreign)
        {
            ForeignLibTorch.Load(folder!);
        }
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // TorchSharp's own report of a failure is a page about package names; the loader's is one line about the cause.
                NativeLibrary.Load(System.IO.Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
            }
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception error) when (error is DllNotFoundException or NotSupportedException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new UserError(
                $"libtorch: expected TorchSharp's libraries beside the executable ({AppContext.BaseDirectory}) or in {Variable}, which is "
                + $"{(foreign ? folder : "not set")}; found: {Cause(error)}. Build the project on this machine, or see docs/cuda.md.", error);
        }
        return new LibTorchLibrary(LibTorchVersion.FromLoaded()?.ToString(3) ?? "unknown", LoadedLibraries.Find("libtorch_cpu.so"));
    }

    /// <summary>The loader's own words, without .NET's advice in front of them.</summary>
    private static string Cause(Exception error) => error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [_, string loader, ..]
        ? loader
        : error.Message;
}
