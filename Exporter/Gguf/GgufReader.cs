using System.Text;
using Factory.Core;

namespace Factory.Exporter.Gguf;

/// <summary>Reads the tensors of a GGUF file (version 3), one at a time; metadata is skipped.</summary>
internal sealed class GgufReader : IDisposable
{
    private const int Alignment = 32;
    private const uint TextType = 8;
    private const uint ArrayType = 9;

    private readonly FileStream _stream;
    private readonly Dictionary<string, GgufTensor> _tensors = [];

    /// <exception cref="UserError">It is no such file.</exception>
    public GgufReader(string path)
    {
        _stream = File.OpenRead(path);
        using var reader = new BinaryReader(_stream, Encoding.UTF8, leaveOpen: true);
        if (!reader.ReadBytes(4).AsSpan().SequenceEqual("GGUF"u8) || reader.ReadUInt32() != 3)
        {
            throw new UserError($"{path}: expected a GGUF file of version 3, found something else.");
        }
        ulong tensors = reader.ReadUInt64();
        ulong keys = reader.ReadUInt64();
        for (ulong i = 0; i < keys; i++)
        {
            Text(reader);
            Skip(reader, reader.ReadUInt32());
        }
        List<GgufTensor> found = [];
        for (ulong i = 0; i < tensors; i++)
        {
            string name = Text(reader);
            long[] shape = [.. Enumerable.Range(0, (int)reader.ReadUInt32()).Select(_ => (long)reader.ReadUInt64()).Reverse()];
            found.Add(new GgufTensor(name, shape, (GgufType)reader.ReadUInt32(), (long)reader.ReadUInt64()));
        }
        long start = (_stream.Position + Alignment - 1) / Alignment * Alignment;
        _tensors = found.ToDictionary(tensor => tensor.Name, tensor => tensor with { Offset = start + tensor.Offset });
    }

    public IReadOnlyCollection<GgufTensor> Tensors => _tensors.Values;

    /// <summary>The tensor as float32, row-major.</summary>
    public float[] Read(string name)
    {
        GgufTensor tensor = _tensors[name];
        var bytes = new byte[tensor.Bytes];
        _stream.Position = tensor.Offset;
        _stream.ReadExactly(bytes);
        return GgufEncoding.Decode(tensor.Type, bytes);
    }

    public void Dispose() => _stream.Dispose();

    private static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    private static void Skip(BinaryReader reader, uint type)
    {
        if (type == TextType)
        {
            Text(reader);
        }
        else if (type == ArrayType)
        {
            uint element = reader.ReadUInt32();
            for (ulong count = reader.ReadUInt64(); count > 0; count--)
            {
                Skip(reader, element);
            }
        }
        else
        {
            // Bytes and truths; then 16, 32 and 64 bits.
            reader.ReadBytes(type is 0 or 1 or 7 ? 1 : type is 2 or 3 ? 2 : type is 4 or 5 or 6 ? 4 : 8);
        }
    }
}
