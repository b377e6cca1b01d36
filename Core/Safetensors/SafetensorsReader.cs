using System.Runtime.InteropServices;
using Factory.Core.Disk;

namespace Factory.Core.Safetensors;

/// <summary>Reads tensors from a safetensors file one at a time; the file is never held in memory as a whole. Not thread-safe.</summary>
public sealed class SafetensorsReader : IDisposable
{
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
        TensorEntry entry = Entry(name);
        var values = new float[entry.Count];
        switch (entry.Type)
        {
            case ElementType.Float32:
                Read(entry, MemoryMarshal.AsBytes(values.AsSpan()));
                break;
            case ElementType.Float64:
                double[] doubles = ReadRaw<double>(entry);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)doubles[i];
                }
                break;
            case ElementType.Float16:
                Half[] halves = ReadRaw<Half>(entry);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (float)halves[i];
                }
                break;
            case ElementType.BFloat16:
                ushort[] bits = ReadRaw<ushort>(entry);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
                }
                break;
            case ElementType.Int64 or ElementType.Int32 or ElementType.UInt8:
                throw new UserError($"{Path}: expected '{name}' in a floating type, found {ElementTypeName.Text(entry.Type)}.");
            default:
                throw new InvalidOperationException($"{entry.Type}");
        }
        return values;
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
