using Factory.Core;

namespace Factory.Runtime;

/// <summary>How a model is loaded.</summary>
public sealed record RuntimeOptions
{
    public ProviderChoice Provider { get; init; } = ProviderChoice.Auto;

    /// <summary>An ONNX Runtime plugin library that brings the CUDA provider; null for the built-in one.</summary>
    public string? CudaPlugin { get; init; }

    /// <summary>Threads of one operator, 0 to <see cref="MaxThreads"/>; 0 takes every core.</summary>
    public int Threads { get; init; }

    /// <summary>More than any machine has cores; a larger number is a slip.</summary>
    public const int MaxThreads = 4096;

    /// <exception cref="SettingError">A setting is out of range.</exception>
    public void Validate()
    {
        if (Threads is < 0 or > MaxThreads)
        {
            throw new SettingError("threads", $"expected from 1 to {MaxThreads} threads, or 0 for every core, found {Threads}.");
        }
    }
}
