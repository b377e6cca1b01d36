using System.Runtime.InteropServices;
using Factory.Core;
using Factory.Core.Machine;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Native;

/// <summary>
/// The ONNX Runtime of this process. <see cref="Prepare"/> comes before the first <see cref="OrtEnv"/> or session: it loads the library that
/// FACTORY_ONNXRUNTIME names, or the package's, and says in one line what is wrong when it does not load.
/// </summary>
/// <param name="Version">Of the native library, for example "1.31.0".</param>
/// <param name="Path">Of the native library, or null where the system does not tell.</param>
public sealed record OnnxRuntimeLibrary(string Version, string? Path)
{
    /// <summary>A folder with another ONNX Runtime, for example onnxruntime/capi of the Python wheel onnxruntime-gpu.</summary>
    public const string Variable = "FACTORY_ONNXRUNTIME";

    private static readonly Lock Gate = new();
    private static OnnxRuntimeLibrary? _loaded;
    private static nint _handle;

    /// <summary>The library's OrtApiBase (onnxruntime_c_api.h): two function pointers, GetApi and GetVersionString.</summary>
    internal static unsafe nint ApiBase
    {
        get
        {
            Prepare();
            return ((delegate* unmanaged<nint>)NativeLibrary.GetExport(_handle, "OrtGetApiBase"))();
        }
    }

    /// <summary>Loads ONNX Runtime once; later calls return what was loaded.</summary>
    /// <exception cref="UserError">It cannot be loaded, or FACTORY_ONNXRUNTIME names a version that the managed package does not work with.</exception>
    public static OnnxRuntimeLibrary Prepare()
    {
        lock (Gate)
        {
            return _loaded ??= Load(Environment.GetEnvironmentVariable(Variable));
        }
    }

    private static OnnxRuntimeLibrary Load(string? folder)
    {
        Telemetry.Disable();
        string? path = null;
        if (!string.IsNullOrEmpty(folder))
        {
            (path, _handle) = ForeignOnnxRuntime.Load(folder);
            NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, (name, _, _) => name is "onnxruntime" or "onnxruntime.dll" ? _handle : 0);
        }
        try
        {
            OrtEnv environment = OrtEnv.Instance();
            environment.DisableTelemetryEvents();
            if (path is null)
            {
                _handle = NativeLibrary.Load("onnxruntime", typeof(OrtEnv).Assembly, searchPath: null);
            }
            return new OnnxRuntimeLibrary(environment.GetVersionString(), path ?? LoadedLibraries.Find("libonnxruntime.so"));
        }
        catch (TypeInitializationException error) when (error.InnerException is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new UserError(
                $"ONNX Runtime: expected its library in {AppContext.BaseDirectory} or in {Variable}, which is {(path is null ? "not set" : folder)}; "
                + $"found: {error.InnerException.Message.ReplaceLineEndings(" ")} Build the project on this machine, or see docs/cuda.md.", error);
        }
    }
}
