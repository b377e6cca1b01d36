using System.Text;

namespace Factory.Exporter.Gguf;

/// <summary>
/// Writes a GGUF file (version 3) as a stream:
/// <code>new → Metadata* → Declare* → Write* (in the order declared) → Finish</code>
/// A call out of order fails at once.
/// </summary>
internal sealed class GgufWriter : IDisposable
{
    private const int Alignment = 32;

    private readonly FileStream _stream;
    private readonly List<GgufTensor> _tensors = [];
    private readonly MemoryStream _metadata = new();
    private readonly BinaryWriter _values;
    private ulong _metadataCount;
    private long _dataLength;
    private int _written = -1;

    public GgufWriter(string path)
    {
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
        _values = new BinaryWriter(_metadata, Encoding.UTF8);
    }

    public void Metadata(string key, string value) => Key(key, 8, () => Text(_values, value));

    public void Metadata(string key, uint value) => Key(key, 4, () => _values.Write(value));

    public void Metadata(string key, float value) => Key(key, 6, () => _values.Write(value));

    public void Metadata(string key, bool value) => Key(key, 7, () => _values.Write(value));

    public void Metadata(string key, IReadOnlyList<string> values) => Array(key, 8, values, value => Text(_values, value));

    public void Metadata(string key, IReadOnlyList<float> values) => Array(key, 6, values, _values.Write);

    public void Metadata(string key, IReadOnlyList<int> values) => Array(key, 5, values, _values.Write);

    public void Metadata(string key, ReadOnlySpan<byte> values)
    {
        byte[] copy = values.ToArray();
        Array(key, 0, copy, _values.Write);
    }

    public void Declare(string name, IReadOnlyList<long> shape, GgufType type)
    {
        Require(_written < 0, name);
        var tensor = new GgufTensor(name, [.. shape], type, _dataLength);
        _tensors.Add(tensor);
        _dataLength = Aligned(_dataLength + tensor.Bytes);
    }

    public void Write(string name, float[] values)
    {
        if (_written < 0)
        {
            WriteHead();
        }
        Require(_written < _tensors.Count && _tensors[_written].Name == name && _tensors[_written].Count == values.Length, name);
        _stream.Write(GgufEncoding.Encode(_tensors[_written].Type, values));
        Pad();
        _written++;
    }

    public void Finish()
    {
        Require(_written == _tensors.Count, "the end");
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        _values.Dispose();
        _stream.Dispose();
    }

    private void WriteHead()
    {
        using var head = new MemoryStream();
        using var writer = new BinaryWriter(head, Encoding.UTF8);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write(_metadataCount);
        writer.Write(_metadata.GetBuffer().AsSpan(0, (int)_metadata.Length));
        foreach (GgufTensor tensor in _tensors)
        {
            Text(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Count);
            foreach (long size in tensor.Shape.Reverse())
            {
                writer.Write((ulong)size);
            }
            writer.Write((uint)tensor.Type);
            writer.Write((ulong)tensor.Offset);
        }
        writer.Flush();
        _stream.Write(head.GetBuffer().AsSpan(0, (int)head.Length));
        Pad();
        _written = 0;
    }

    private void Array<T>(string key, uint type, IReadOnlyList<T> values, Action<T> write) => Key(key, 9, () =>
    {
        _values.Write(type);
        _values.Write((ulong)values.Count);
        foreach (T value in values)
        {
            write(value);
        }
    });

    private void Key(string key, uint type, Action value)
    {
        Require(_written < 0, key);
        Text(_values, key);
        _values.Write(type);
        value();
        _metadataCount++;
    }

    private void Pad() => _stream.Write(new byte[Aligned(_stream.Position) - _stream.Position]);

    private static long Aligned(long at) => (at + Alignment - 1) / Alignment * Alignment;

    private static void Text(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"'{what}' is out of order in the GGUF file.");
        }
    }
}
