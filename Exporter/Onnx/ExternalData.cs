using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Factory.Core.Disk;

namespace Factory.Exporter.Onnx;

/// <summary>
/// The file beside the graph that holds its weights. Tensors are written as they come, so no more than one is in memory, and the file may grow
/// past the 2 GiB that a protobuf message can hold. One core writes and hashes a piece while the other makes the next.
/// </summary>
internal sealed class ExternalData : IDisposable
{
    /// <summary>Tensors start at multiples of a memory page, so that ONNX Runtime can map the file.</summary>
    private const int Alignment = 4096;

    private const int PieceLength = 1 << 22;

    private readonly FileStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<string, TensorProto> _tensors = [];
    private Task _writing = Task.CompletedTask;
    private long _length;

    public ExternalData(string path)
    {
        Location = Path.GetFileName(path);
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>The file's name, relative to the graph.</summary>
    public string Location { get; }

    /// <summary>
    /// Appends a tensor, row-major; one that was appended before (by another graph over the same file) is referred to again.
    /// </summary>
    /// <typeparam name="T">Element type: float, <see cref="Half"/>, <see cref="BFloat16"/>, sbyte, byte, int or long.</typeparam>
    /// <param name="pieces">
    /// The values in order, asked for only where the tensor is new. A piece may still be being written when the next one is asked for, but not when the one after
    /// that is.
    /// </param>
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
        Refer("length", (_length - offset).ToString(CultureInfo.InvariantCulture));
        _tensors.Add(name, tensor);
        return tensor;

        void Refer(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    /// <summary>Ends the file.</summary>
    /// <returns>Length and hash of what was to be written; whoever reads the file can tell whether the disk holds it.</returns>
    /// <exception cref="IOException">The disk did not take it.</exception>
    public ManifestEntry Finish()
    {
        _writing.GetAwaiter().GetResult();
        _stream.Dispose();
        return new ManifestEntry(_length, Convert.ToHexStringLower(_hash.GetHashAndReset()));
    }

    public void Dispose()
    {
        // What went wrong is told by whoever waits for it; here the file is given up.
        ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();
        _stream.Dispose();
        _hash.Dispose();
    }

    /// <returns>Where in the file the tensor starts.</returns>
    private long Write<T>(string name, IReadOnlyList<long> shape, IEnumerable<ReadOnlyMemory<T>> pieces) where T : unmanaged
    {
        long count = shape.Aggregate(1L, (product, size) => checked(product * size));
        if (_length % Alignment > 0)
        {
            Put<byte>(new byte[Alignment - (_length % Alignment)]);
        }
        long offset = _length;
        long given = 0;
        foreach (ReadOnlyMemory<T> piece in pieces)
        {
            Put(piece);
            given += piece.Length;
        }
        return given == count ? offset : throw new ArgumentException($"'{name}' of shape ({string.Join(", ", shape)}) has {count} values; {given} were given.", nameof(pieces));
    }

    private void Put<T>(ReadOnlyMemory<T> piece) where T : unmanaged
    {
        _writing.GetAwaiter().GetResult();
        _length += (long)piece.Length * Unsafe.SizeOf<T>();
        _writing = Task.Run(() =>
        {
            // Bytes are counted in int.
            for (int start = 0; start < piece.Length; start += PieceLength)
            {
                ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(piece.Span[start..Math.Min(start + PieceLength, piece.Length)]);
                _stream.Write(bytes);
                _hash.AppendData(bytes);
            }
        });
    }
}
