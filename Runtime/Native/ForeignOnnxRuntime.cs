using System.Runtime.InteropServices;
using Factory.Core;

namespace Factory.Runtime.Native;

/// <summary>An ONNX Runtime that did not come with the package: found in a folder, loaded by full path and checked by version.</summary>
internal static class ForeignOnnxRuntime
{
    /// <summary>The managed package 1.31.0 asks the library for API version 31, which an older one does not have; a newer one is untried.</summary>
    private const string Accepted = "1.31.";

    /// <exception cref="UserError">There is no such library in <paramref name="folder"/>, or it is another version.</exception>
    public static (string Path, nint Library) Load(string folder)
    {
        string pattern = OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime*.dylib" : "libonnxruntime.so*";
        folder = Path.GetFullPath(folder);
        string path = (Directory.Exists(folder) ? Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).FirstOrDefault() : null)
            ?? throw new UserError($"{OnnxRuntimeLibrary.Variable}: expected a folder with {pattern} (onnxruntime/capi of the Python wheel), found none in {folder}.");
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new UserError($"{OnnxRuntimeLibrary.Variable}: expected {path} to load, found: {error.Message.ReplaceLineEndings(" ").Trim()}", error);
        }
        string version = Version(library) ?? throw new UserError($"{OnnxRuntimeLibrary.Variable}: expected ONNX Runtime in {path}, found a library without OrtGetApiBase.");
        if (!version.StartsWith(Accepted, StringComparison.Ordinal))
        {
            throw new UserError($"{OnnxRuntimeLibrary.Variable}: expected ONNX Runtime {Accepted}x, found {version} in {path}. Install that version, or unset the variable.");
        }
        return (path, library);
    }

    /// <summary>Asks the library: OrtApiBase is two function pointers, GetApi and GetVersionString (onnxruntime_c_api.h).</summary>
    private static string? Version(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint address))
        {
            return null;
        }
        nint api = Marshal.GetDelegateForFunctionPointer<Getter>(address)();
        return Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<Getter>(Marshal.ReadIntPtr(api, nint.Size))());
    }

    [UnmanagedFunctionPointer(CallingConvention.Winapi)]
    private delegate nint Getter();
}
