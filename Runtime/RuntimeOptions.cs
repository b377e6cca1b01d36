namespace Factory.Runtime;

/// <summary>How a model is loaded.</summary>
public sealed record RuntimeOptions
{
    public ProviderChoice Provider { get; init; } = ProviderChoice.Auto;

    /// <summary>An ONNX Runtime plugin library that brings the CUDA provider; null for the built-in one.</summary>
    public string? CudaPlugin { get; init; }

    /// <summary>Threads of one operator; 0 takes every core.</summary>
    public int Threads { get; init; }
}
