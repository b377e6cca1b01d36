using System.Globalization;
using System.Runtime.InteropServices;

namespace Factory.Exporter.Onnx;

/// <summary>
/// The file beside the graph that holds its weights. Tensors are written as they come, so no more than one is in memory, and the file may grow
/// past the 2 GiB that a protobuf message can hold.
/// </summary>
internal sealed class ExternalData : IDisposable
{
    /// <summary>Tensors start at multiples of a memory page, so that ONNX Runtime can map the file.</summary>
    private const int Alignment = 4096;

    private const int PieceLength = 1 << 22;

    private readonly FileStream _stream;

    public ExternalData(string path)
    {
        Location = Path.GetFileName(path);
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
    }

    /// <summary>The file's name, relative to the graph.</summary>
    public string Location { get; }

    /// <summary>Appends a float32 tensor, row-major.</summary>
    /// <returns>The initialiser that refers to it.</returns>
    public TensorProto Append(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        long count = shape.Aggregate(1L, (product, size) => checked(product * size));
        if (count != values.Length)
        {
            throw new ArgumentException($"'{name}' of shape ({string.Join(", ", shape)}) has {count} values; {values.Length} were given.", nameof(values));
        }
        Align();
        long offset = _stream.Position;
        for (int start = 0; start < values.Length; start += PieceLength)
        {
            _stream.Write(MemoryMarshal.AsBytes(values[start..Math.Min(start + PieceLength, values.Length)]));
        }
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Float, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.AddRange(shape);
        Refer("location", Location);
        Refer("offset", offset.ToString(CultureInfo.InvariantCulture));
        Refer("length", (_stream.Position - offset).ToString(CultureInfo.InvariantCulture));
        return tensor;

        void Refer(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    public void Dispose() => _stream.Dispose();

    private void Align()
    {
        int over = (int)(_stream.Position % Alignment);
        if (over > 0)
        {
            _stream.Write(new byte[Alignment - over]);
        }
    }
}
