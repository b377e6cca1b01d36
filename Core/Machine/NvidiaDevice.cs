namespace Factory.Core.Machine;

/// <summary>One GPU.</summary>
/// <param name="MemoryBytes">Total.</param>
/// <param name="ComputeCapability">8.0 and above multiply bfloat16 in hardware.</param>
public sealed record NvidiaDevice(string Name, long MemoryBytes, Version ComputeCapability)
{
    public bool HasBFloat16 => ComputeCapability.Major >= 8;
}
