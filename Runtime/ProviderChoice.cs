namespace Factory.Runtime;

/// <summary>Where ONNX Runtime computes.</summary>
public enum ProviderChoice
{
    /// <summary>CUDA where it is usable, else the CPU; one log line says why.</summary>
    Auto,

    Cpu,

    /// <summary>CUDA, or an error that names what is missing.</summary>
    Cuda,
}
