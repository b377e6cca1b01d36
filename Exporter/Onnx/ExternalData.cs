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
    private readonly Dictionary<string, TensorProto> _tensors = [];

    public ExternalData(string path)
    {
        Location = Path.GetFileName(path);
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
    }

    /// <summary>The file's name, relative to the graph.</summary>
    public string Location { get; }

    /// <summary>
    /// Appends a tensor, row-major; one that was appended before (by another graph over the same file) is referred to again.
    /// </summary>
    /// <typeparam name="T">Element type: float, <see cref="Half"/>, <see cref="BFloat16"/>, sbyte, byte, int or long.</typeparam>
    /// <param name="pieces">The values in order, asked for only where the tensor is new; a piece is written before the next is asked for.</param>
    /// <returns>The initialiser that refers to it.</returns>
    public TensorProto Append<T>(string name, IReadOnlyList<long> shape, Func<IEnumerable<ReadOnlyMemory<T>>> pieces) where T : unmanaged
    {
        if (_tensors.TryGetValue(name, out TensorProto? known))
        {
            return known.DataType == (int)ElementTypes.From<T>() && known.Dims.SequenceEqual(shape)
                ? known.Clone()
                : throw new InvalidOperationException($"'{name}' is in the file already, with another element type or shape.");
        }
        long offset = Write(name, shape, pieces());
        var tensor = new TensorProto { Name = name, DataType = (int)ElementTypes.From<T>(), DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.AddRange(shape);
        Refer("location", Location);
        Refer("offset", offset.ToString(CultureInfo.InvariantCulture));
        Refer("length", (_stream.Position - offset).ToString(CultureInfo.InvariantCulture));
        _tensors.Add(name, tensor);
        return tensor;

        void Refer(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    public void Dispose() => _stream.Dispose();

    /// <returns>Where in the file the tensor starts.</returns>
    private long Write<T>(string name, IReadOnlyList<long> shape, IEnumerable<ReadOnlyMemory<T>> pieces) where T : unmanaged
    {
        long count = shape.Aggregate(1L, (product, size) => checked(product * size));
        Align();
        long offset = _stream.Position;
        long given = 0;
        foreach (ReadOnlyMemory<T> piece in pieces)
        {
            // Bytes are counted in int.
            for (int start = 0; start < piece.Length; start += PieceLength)
            {
                _stream.Write(MemoryMarshal.AsBytes(piece.Span[start..Math.Min(start + PieceLength, piece.Length)]));
            }
            given += piece.Length;
        }
        return given == count ? offset : throw new ArgumentException($"'{name}' of shape ({string.Join(", ", shape)}) has {count} values; {given} were given.", nameof(pieces));
    }

    private void Align()
    {
        int over = (int)(_stream.Position % Alignment);
        if (over > 0)
        {
            _stream.Write(new byte[Alignment - over]);
        }
    }
}
