namespace Factory.Core.Safetensors;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record TensorEntry(string Name, ElementType Type, IReadOnlyList<long> Shape, long Offset, long Length)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether the elements are numbers of a model: floating point, not integers.</summary>
    public bool IsFloating => Type switch
    {
        ElementType.Float64 or ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 => true,
        ElementType.Int64 or ElementType.Int32 or ElementType.UInt8 => false,
    };
}
