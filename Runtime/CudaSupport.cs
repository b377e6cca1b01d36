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
}
