using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Factory.Core.Machine;

namespace Factory.Trainer.LibTorch;

/// <summary>Which libtorch a folder or this process has.</summary>
public static partial class LibTorchVersion
{
    /// <summary>The version in <c>version.py</c> (a PyTorch) or <c>build-version</c> (a libtorch archive) above a library folder, or null.</summary>
    public static Version? FromFolder(string folder)
    {
        string above = Path.Combine(folder, "..");
        foreach ((string file, Regex pattern) in new[] { ("version.py", PythonVersion()), ("build-version", PlainVersion()) })
        {
            string path = Path.Combine(above, file);
            if (File.Exists(path) && pattern.Match(File.ReadAllText(path)) is { Success: true } match)
            {
                return Version.Parse(match.Groups[1].Value);
            }
        }
        return null;
    }

    /// <summary>What a loaded libtorch says of itself, or null before 2.9, where it does not say.</summary>
    public static Version? FromLibrary(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "aoti_torch_abi_version", out nint address))
        {
            return null;
        }
        // Major, minor and patch in the three highest bytes (torch/headeronly/version.h).
        ulong packed = Marshal.GetDelegateForFunctionPointer<AbiVersion>(address)();
        return new Version((int)(packed >> 56), (int)(packed >> 48 & 0xFF), (int)(packed >> 40 & 0xFF));
    }

    /// <summary>The version of the libtorch that this process uses, or null where it does not say.</summary>
    public static Version? FromLoaded() =>
        NativeLibrary.TryLoad(LoadedLibraries.Find("libtorch_cpu.so") ?? "torch_cpu", out nint library) ? FromLibrary(library) : null;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate ulong AbiVersion();

    [GeneratedRegex(@"^__version__ = '(\d+\.\d+\.\d+)", RegexOptions.Multiline)]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"^(\d+\.\d+\.\d+)")]
    private static partial Regex PlainVersion();
}
