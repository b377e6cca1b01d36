using System.Buffers;
using System.Runtime.InteropServices;
using Factory.Core.Disk;

namespace Factory.Core.Safetensors;

/// <summary>Reads tensors from a safetensors file one at a time; the file is never held in memory as a whole. Not thread-safe.</summary>
public sealed class SafetensorsReader : IDisposable
{
    /// <summary>Elements that are read at a time: they stay in the processor's cache while they are converted.</summary>
    private const int PieceElements = 1 << 16;

    private readonly FileStream _stream;
    private readonly Dictionary<string, TensorEntry> _entries;

    private SafetensorsReader(FileStream stream)
    {
        _stream = stream;
        (List<TensorEntry> entries, Dictionary<string, string> metadata) = SafetensorsHeader.Read(stream);
        Entries = entries;
        Metadata = metadata;
        _entries = entries.ToDictionary(entry => entry.Name);
    }

    public string Path => _stream.Name;

    /// <summary>Tensors in header order.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <exception cref="UserError">There is no such file, or its header is malformed.</exception>
    public static SafetensorsReader Open(string path)
    {
        FileStream stream = InputFile.Open(path, "a safetensors file");
        try
        {
            return new SafetensorsReader(stream);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <exception cref="UserError">The file has no tensor of that name.</exception>
    public TensorEntry Entry(string name) =>
        _entries.TryGetValue(name, out TensorEntry? entry) ? entry : throw new UserError($"{Path}: expected a tensor '{name}', found none of that name.");

    /// <summary>The tensor's bytes as stored, read in pieces into <paramref name="destination"/> (for example native memory).</summary>
    public void Read(TensorEntry entry, Span<byte> destination, long from = 0)
    {
        if (from < 0 || destination.Length > entry.Length - from)
        {
            throw new ArgumentOutOfRangeException(nameof(destination), $"'{entry.Name}' has {entry.Length} bytes; asked for {destination.Length} from {from}.");
        }
        _stream.Seek(entry.Offset + from, SeekOrigin.Begin);
        _stream.ReadExactly(destination);
    }

    /// <summary>The tensor as float32, row-major, converted from whatever floating type is stored.</summary>
    public float[] ReadSingles(string name)
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)Entry(name).Count));
        ReadSingles(name, 0, values);
        return values;
    }

    /// <summary>A run of the tensor's elements, row-major, as float32: so a tensor of any size can be read in pieces.</summary>
    /// <param name="from">Number of the first element.</param>
    /// <param name="destination">As many as are wanted.</param>
    /// <exception cref="UserError">There is no such tensor, or it does not hold floating numbers.</exception>
    public void ReadSingles(string name, long from, Span<float> destination)
    {
        TensorEntry entry = Entry(name);
        if (!entry.IsFloating)
        {
            throw new UserError($"{Path}: expected '{name}' in a floating type, found {ElementTypeName.Text(entry.Type)}.");
        }
        int width = ElementTypeName.Bytes(entry.Type);
        byte[] stored = ArrayPool<byte>.Shared.Rent(Math.Min(destination.Length, PieceElements) * width);
        for (int done = 0; done < destination.Length; done += PieceElements)
        {
            Span<float> piece = destination.Slice(done, Math.Min(PieceElements, destination.Length - done));
            Span<byte> bytes = stored.AsSpan(0, piece.Length * width);
            Read(entry, bytes, (from + done) * width);
            SingleConversion.Widen(entry.Type, bytes, piece);
        }
        ArrayPool<byte>.Shared.Return(stored);
    }

    /// <summary>The tensor in its stored type, which must be <paramref name="type"/> with elements as wide as <typeparamref name="T"/>.</summary>
    public T[] Read<T>(string name, ElementType type) where T : unmanaged
    {
        TensorEntry entry = Entry(name);
        return entry.Type == type
            ? ReadRaw<T>(entry)
            : throw new UserError($"{Path}: expected '{name}' as {ElementTypeName.Text(type)}, found {ElementTypeName.Text(entry.Type)}.");
    }

    public void Dispose() => _stream.Dispose();

    private T[] ReadRaw<T>(TensorEntry entry) where T : unmanaged
    {
        var values = new T[entry.Count];
        Read(entry, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
