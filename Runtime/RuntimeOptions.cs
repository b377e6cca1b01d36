using Factory.Core;

namespace Factory.Runtime;

/// <summary>How a model is loaded.</summary>
public sealed record RuntimeOptions
{
    public ProviderChoice Provider { get; init; } = ProviderChoice.Auto;

    /// <summary>An ONNX Runtime plugin library that brings the CUDA provider; null for the built-in one.</summary>
    public string? CudaPlugin { get; init; }

    /// <summary>Threads that compute, 0 to <see cref="MaxThreads"/>; 0 takes every core. Default: 0.</summary>
    public int Threads { get; init; }

    /// <summary>More than any machine has cores; a larger number is a slip.</summary>
    public const int MaxThreads = 4096;

    /// <summary>Memory that the process may have in all, in bytes; a model that would not fit is refused before it is read. 0 for the machine's or the container's limit. Default: 0.</summary>
    public long MemoryLimitBytes { get; init; }

    /// <summary><see cref="Threads"/>, or its default in numbers.</summary>
    internal int AllowedThreads => Threads == 0 ? Environment.ProcessorCount : Threads;

    /// <summary>
    /// On the CPU, leaves weights in their file, mapped, rather than in memory of the process (int4 weights are packed, half precision is widened, beside the mapped file): loaded with little memory,
    /// slower, and the file must not change meanwhile. For a check or a single pass over a large model. Default: false.
    /// </summary>
    public bool MapWeights { get; init; }

    /// <exception cref="SettingError">A setting is out of range.</exception>
    public void Validate()
    {
        if (Threads is < 0 or > MaxThreads)
        {
            throw new SettingError("threads", $"expected from 1 to {MaxThreads} threads, or 0 for every core, found {Threads}.");
        }
        if (MemoryLimitBytes < 0)
        {
            throw new SettingError("memory_limit_bytes", $"expected 0 (the machine's limit) or a positive number of bytes, found {MemoryLimitBytes}.");
        }
    }
}
