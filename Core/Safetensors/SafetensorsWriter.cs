using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Factory.Core.Safetensors;

/// <summary>
/// Writes a safetensors file as a stream: declare every tensor, then give the data in that order.
/// <code>new → Declare* → Write* (each whole tensor, or in pieces) → Finish</code>
/// A call out of order fails at once. Without <see cref="Finish"/> the file is not complete.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly List<TensorEntry> _entries = [];
    private readonly Dictionary<string, string> _metadata;
    private long _dataLength;
    private bool _headerWritten;
    private int _current;
    private long _writtenOfCurrent;

    public SafetensorsWriter(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        _metadata = metadata is null ? [] : new Dictionary<string, string>(metadata);
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
    }

    public void Declare(string name, ElementType type, IReadOnlyList<long> shape)
    {
        if (_headerWritten)
        {
            throw new InvalidOperationException($"'{name}' declared after data was written.");
        }
        if (_entries.Any(entry => entry.Name == name))
        {
            throw new InvalidOperationException($"'{name}' declared twice.");
        }
        long bytes = shape.Aggregate((long)ElementTypeName.Bytes(type), (product, size) => checked(product * size));
        _entries.Add(new TensorEntry(name, type, [.. shape], _dataLength, bytes));
        _dataLength += bytes;
    }

    /// <summary>The next bytes of tensor <paramref name="name"/>, little-endian. Pieces of one tensor follow each other.</summary>
    public void Write(string name, ReadOnlySpan<byte> data)
    {
        WriteHeader();
        SkipFinished();
        if (_current == _entries.Count || _entries[_current].Name != name)
        {
            throw new InvalidOperationException($"Data of '{name}' out of order; expected {(_current == _entries.Count ? "no more" : $"'{_entries[_current].Name}'")}.");
        }
        _writtenOfCurrent += data.Length;
        if (_writtenOfCurrent > _entries[_current].Length)
        {
            throw new InvalidOperationException($"'{name}' was declared with {_entries[_current].Length} bytes; more were given.");
        }
        _stream.Write(data);
    }

    public void Write<T>(string name, ReadOnlySpan<T> data) where T : unmanaged => Write(name, MemoryMarshal.AsBytes(data));

    /// <summary>Checks that every declared tensor is complete and flushes to the disk.</summary>
    public void Finish()
    {
        WriteHeader();
        SkipFinished();
        if (_current < _entries.Count)
        {
            throw new InvalidOperationException($"'{_entries[_current].Name}' is not complete.");
        }
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _stream.Dispose();

    private void SkipFinished()
    {
        while (_current < _entries.Count && _writtenOfCurrent == _entries[_current].Length)
        {
            _current++;
            _writtenOfCurrent = 0;
        }
    }

    private void WriteHeader()
    {
        if (_headerWritten)
        {
            return;
        }
        _headerWritten = true;
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (_metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in _metadata)
                {
                    json.WriteString(key, value);
                }
                json.WriteEndObject();
            }
            foreach (TensorEntry entry in _entries)
            {
                json.WriteStartObject(entry.Name);
                json.WriteString("dtype", ElementTypeName.Text(entry.Type));
                json.WriteStartArray("shape");
                foreach (long size in entry.Shape)
                {
                    json.WriteNumberValue(size);
                }
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(entry.Offset);
                json.WriteNumberValue(entry.Offset + entry.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // The format allows spaces after the JSON; they align the data to 8 bytes.
        while (buffer.Length % 8 != 0)
        {
            buffer.WriteByte((byte)' ');
        }
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, buffer.Length);
        _stream.Write(prefix);
        buffer.Position = 0;
        buffer.CopyTo(_stream);
    }
}
