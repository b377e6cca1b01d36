using Factory.Core;

namespace Factory.Runtime;

/// <summary>Whether this machine and this build run bundles on CUDA.</summary>
public static class CudaSupport
{
    /// <param name="plugin">An ONNX Runtime plugin library that brings the CUDA provider; null for the built-in one.</param>
    public static bool IsUsable(string? plugin = null)
    {
        Native.OnnxRuntimeLibrary.Prepare();
        return ExecutionProvider.CudaObstacle(plugin) is null;
    }

    /// <summary>Passes unless CUDA is insisted on and cannot be used.</summary>
    /// <exception cref="SettingError">It cannot be used; says what is missing. The setting is "provider".</exception>
    public static void Require(RuntimeOptions options)
    {
        Native.OnnxRuntimeLibrary.Prepare();
        if (options.Provider == ProviderChoice.Cuda && ExecutionProvider.CudaObstacle(options.CudaPlugin) is string obstacle)
        {
            throw new SettingError("provider", $"expected CUDA to be usable, found that {obstacle}. Take cpu or auto meanwhile.");
        }
    }
}
