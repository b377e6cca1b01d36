namespace Factory.Exporter.Gguf;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Shape">Row-major as everywhere here, the last size contiguous; the file has them the other way round.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
internal sealed record GgufTensor(string Name, IReadOnlyList<long> Shape, GgufType Type, long Offset)
{
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    public long Bytes => GgufEncoding.Bytes(Type, Count);
}
