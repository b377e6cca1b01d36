using System.Text.RegularExpressions;
using Factory.Core;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>Takes CUDA where it is asked for or usable: first the plugin library, then the built-in provider, else the CPU.</summary>
internal static class ExecutionProvider
{
    private const string BuiltInCuda = "CUDAExecutionProvider";

    private static readonly Lock Registering = new();
    private static readonly HashSet<string> Registered = [];

    /// <summary>Adds the provider to <paramref name="session"/>.</summary>
    /// <returns>"cpu" or "cuda".</returns>
    /// <exception cref="SettingError">CUDA was asked for and cannot be used.</exception>
    public static string Append(SessionOptions session, RuntimeOptions options, string precision, Action<string>? log)
    {
        if (options.Provider == ProviderChoice.Cpu)
        {
            return "cpu";
        }
        string? bundle = precision is "fp16" or "bf16" ? null : $"the bundle is {precision}, and CUDA's GroupQueryAttention computes in fp16 or bf16 only (export it in fp16)";
        string? machine = bundle is null ? AppendCuda(session, options.CudaPlugin) : CudaObstacle(options.CudaPlugin);
        if ((machine ?? bundle) is not string obstacle)
        {
            log?.Invoke("Provider: cuda.");
            return "cuda";
        }
        if (options.Provider == ProviderChoice.Cuda)
        {
            // Whoever insists on CUDA should hear of everything that is missing at once.
            throw new SettingError("provider", $"expected CUDA to be usable, found that {string.Join("; and ", new[] { machine, bundle }.OfType<string>())}. Take cpu or auto meanwhile.");
        }
        // Who did not ask for CUDA is not told how to get it.
        log?.Invoke($"Provider: cpu, not cuda: {obstacle.Split(';')[0]}.");
        return "cpu";
    }

    /// <summary>What stands in the way of CUDA, and the cure; null when nothing does.</summary>
    public static string? CudaObstacle(string? plugin)
    {
        using var trial = new SessionOptions();
        return AppendCuda(trial, plugin);
    }

    /// <returns>null when CUDA was appended, else what stands in the way and the cure.</returns>
    private static string? AppendCuda(SessionOptions session, string? plugin)
    {
        try
        {
            return plugin is null ? AppendBuiltIn(session) : AppendPlugin(session, plugin);
        }
        catch (OnnxRuntimeException error)
        {
            return Missing(error.Message);
        }
    }

    /// <summary>The loader's tale in short: which library it did not find.</summary>
    private static string Missing(string message)
    {
        Match found = Regex.Match(message, @"(?<library>lib[\w.+-]+): cannot open shared object file");
        return found.Success
            ? $"the library {found.Groups["library"].Value} is missing (CUDA needs the NVIDIA driver, CUDA 13 and cuDNN 9)"
            : $"ONNX Runtime could not start it: {message.ReplaceLineEndings(" ")} (it needs the NVIDIA driver, CUDA 13 and cuDNN 9)";
    }

    private static string? AppendBuiltIn(SessionOptions session)
    {
        // The CPU package has no entry point for CUDA at all; asking first avoids the EntryPointNotFoundException.
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(BuiltInCuda))
        {
            return "this build has the CPU package of ONNX Runtime; build with -p:Accelerator=cuda, set FACTORY_ONNXRUNTIME to the capi folder of "
                + "onnxruntime-gpu, or name the CUDA plugin library (cuda_plugin)";
        }
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string> { ["arena_extend_strategy"] = "kSameAsRequested" });
        session.AppendExecutionProvider_CUDA(cuda);
        return null;
    }

    private static string? AppendPlugin(SessionOptions session, string plugin)
    {
        string path = Path.GetFullPath(plugin);
        if (!File.Exists(path))
        {
            return $"the CUDA plugin {plugin} is no file";
        }
        OrtEnv environment = OrtEnv.Instance();
        lock (Registering)
        {
            if (!Registered.Contains(path))
            {
                environment.RegisterExecutionProviderLibrary(path, path);
                Registered.Add(path);
            }
        }
        OrtEpDevice[] devices = [.. environment.GetEpDevices().Where(device =>
            device.HardwareDevice.Type == OrtHardwareDeviceType.GPU && device.EpName.Contains("cuda", StringComparison.OrdinalIgnoreCase))];
        if (devices.Length == 0)
        {
            return $"the plugin {plugin} offers no GPU; check with nvidia-smi that the driver runs";
        }
        session.AppendExecutionProvider(environment, devices[..1], new Dictionary<string, string>());
        return null;
    }
}
