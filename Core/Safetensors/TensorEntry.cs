namespace Factory.Core.Safetensors;

/// <summary>Where one tensor lies in a safetensors file.</summary>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record TensorEntry(string Name, ElementType Type, IReadOnlyList<long> Shape, long Offset, long Length)
{
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}
