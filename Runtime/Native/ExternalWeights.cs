using System.Runtime.InteropServices;
using Factory.Core.Bundles;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Native;

/// <summary>
/// Hands a session its weights from memory instead of from a file that it would keep mapped. The managed package does not wrap this entry of
/// ONNX Runtime's table of functions (onnxruntime_c_api.h, struct OrtApi); a table only ever grows at its end, so the places are fixed.
/// </summary>
internal static unsafe class ExternalWeights
{
    private const uint ApiVersion = 31;
    private const int GetErrorMessage = 2;
    private const int ReleaseStatus = 93;
    private const int AddExternalInitializersFromFilesInMemory = 279;

    /// <summary>The weights must stay until the session is made; it then has copies of its own.</summary>
    public static void Add(SessionOptions options, VerifiedFile weights)
    {
        var getApi = (delegate* unmanaged<uint, nint*>)Marshal.ReadIntPtr(OnnxRuntimeLibrary.ApiBase);
        nint* api = getApi(ApiVersion);
        if (api is null)
        {
            throw new NotSupportedException($"ONNX Runtime {OnnxRuntimeLibrary.Prepare().Version} has no API version {ApiVersion}.");
        }
        // ORTCHAR_T: UTF-16 on Windows, UTF-8 elsewhere.
        nint name = OperatingSystem.IsWindows() ? Marshal.StringToCoTaskMemUni(BundleFolder.WeightsFile) : Marshal.StringToCoTaskMemUTF8(BundleFolder.WeightsFile);
        bool held = false;
        try
        {
            options.DangerousAddRef(ref held);
            nint address = weights.Address;
            nuint length = (nuint)weights.Length;
            var add = (delegate* unmanaged<nint, nint*, nint*, nuint*, nuint, nint>)api[AddExternalInitializersFromFilesInMemory];
            nint status = add(options.DangerousGetHandle(), &name, &address, &length, 1);
            if (status != 0)
            {
                string? message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)api[GetErrorMessage])(status));
                ((delegate* unmanaged<nint, void>)api[ReleaseStatus])(status);
                throw new InvalidOperationException($"ONNX Runtime refused the weights: {message}");
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
            if (held)
            {
                options.DangerousRelease();
            }
        }
    }
}
