namespace Factory.Core.Safetensors;

/// <summary>Element types of the safetensors format that Factory reads and writes.</summary>
public enum ElementType
{
    Float64,
    Float32,
    Float16,
    BFloat16,
    Int64,
    Int32,
    UInt8,
}
