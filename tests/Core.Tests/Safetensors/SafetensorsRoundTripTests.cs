using System.Runtime.InteropServices;
using Factory.Core.Safetensors;

namespace Factory.Core.Tests.Safetensors;

public class SafetensorsRoundTripTests
{
    [Theory]
    [InlineData(ElementType.Float64, 8)]
    [InlineData(ElementType.Float32, 4)]
    [InlineData(ElementType.Float16, 2)]
    [InlineData(ElementType.BFloat16, 2)]
    [InlineData(ElementType.Int64, 8)]
    [InlineData(ElementType.Int32, 4)]
    [InlineData(ElementType.UInt8, 1)]
    public void Every_type_comes_back_byte_for_byte(ElementType type, int width)
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.safetensors");
        var data = new byte[6 * width];
        new Random(1).NextBytes(data);
        using (var writer = new SafetensorsWriter(path))
        {
            writer.Declare("x", type, [2, 3]);
            writer.Write("x", data.AsSpan());
            writer.Finish();
        }
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        TensorEntry entry = reader.Entry("x");
        var found = new byte[data.Length];
        reader.Read(entry, found);
        Assert.Equal(data, found);
        Assert.Equal((type, 6L, 6L * width), (entry.Type, entry.Count, entry.Length));
        Assert.Equal([2, 3], entry.Shape);
    }

    [Fact]
    public void Names_order_metadata_scalars_and_empty_tensors_are_kept()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.safetensors");
        using (var writer = new SafetensorsWriter(path, new Dictionary<string, string> { ["format"] = "pt" }))
        {
            writer.Declare("scalar", ElementType.Float32, []);
            writer.Declare("empty", ElementType.Float32, [0, 7]);
            writer.Declare("last \"quoted\" ü", ElementType.Int64, [1]);
            writer.Write<float>("scalar", [2.5f]);
            writer.Write<long>("last \"quoted\" ü", [long.MinValue]);
            writer.Finish();
        }
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        Assert.Equal(["scalar", "empty", "last \"quoted\" ü"], reader.Entries.Select(entry => entry.Name));
        Assert.Equal("pt", reader.Metadata["format"]);
        Assert.Equal([2.5f], reader.ReadSingles("scalar"));
        Assert.Empty(reader.ReadSingles("empty"));
        Assert.Equal([long.MinValue], reader.Read<long>("last \"quoted\" ü", ElementType.Int64));
        Assert.Equal(0, reader.Entries[0].Offset % 8);
    }

    [Fact]
    public void A_tensor_can_be_written_and_read_in_pieces()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.safetensors");
        using (var writer = new SafetensorsWriter(path))
        {
            writer.Declare("x", ElementType.Int32, [4]);
            writer.Write<int>("x", [1, 2]);
            writer.Write<int>("x", [3]);
            writer.Write<int>("x", [4]);
            writer.Finish();
        }
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        var piece = new int[2];
        reader.Read(reader.Entry("x"), MemoryMarshal.AsBytes(piece.AsSpan()), from: 4);
        Assert.Equal([2, 3], piece);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(reader.Entry("x"), new byte[8], from: 12));
    }

    [Fact]
    public void Half_and_brain_floats_and_doubles_are_read_as_float32()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("a.safetensors");
        using (var writer = new SafetensorsWriter(path))
        {
            writer.Declare("half", ElementType.Float16, [2]);
            writer.Declare("brain", ElementType.BFloat16, [2]);
            writer.Declare("double", ElementType.Float64, [2]);
            writer.Write<Half>("half", [(Half)0.5f, (Half)(-65504f)]);
            writer.Write<ushort>("brain", [0x3F80, 0xC2F7]);
            writer.Write<double>("double", [0.1, -2.0]);
            writer.Finish();
        }
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        Assert.Equal([0.5f, -65504f], reader.ReadSingles("half"));
        Assert.Equal([1f, -123.5f], reader.ReadSingles("brain"));
        Assert.Equal([0.1f, -2f], reader.ReadSingles("double"));
    }

    [Fact]
    public void A_published_file_is_read()
    {
        using SafetensorsReader reader = SafetensorsReader.Open(GoldenData.At("hf_golden", "llama3_rope_gqa_tied", "model.safetensors"));
        Assert.Equal(ElementType.BFloat16, reader.Entry("model.norm.weight").Type);
        Assert.Equal(48, reader.ReadSingles("model.norm.weight").Length);
    }

    [Theory]
    [InlineData(nameof(ElementType.Float64))]
    [InlineData(nameof(ElementType.Float32))]
    [InlineData(nameof(ElementType.Float16))]
    [InlineData(nameof(ElementType.BFloat16))]
    public void A_tensor_read_in_pieces_is_the_tensor_read_as_a_whole(string name)
    {
        const int count = (3 << 16) + 5; // more than is converted at a time
        ElementType type = Enum.Parse<ElementType>(name);
        float[] values = [.. Enumerable.Range(0, count).Select(i => ((i * 7) % 201) - 100f)]; // every type holds them exactly
        using var folder = new TemporaryFolder();
        using (var writer = new SafetensorsWriter(folder.At("model.safetensors")))
        {
            writer.Declare("before", ElementType.UInt8, [3]);
            writer.Declare("x", type, [count]);
            writer.Write<byte>("before", new byte[3]);
            writer.Write("x", (ReadOnlySpan<byte>)[.. values.SelectMany(value => type switch
            {
                ElementType.Float64 => BitConverter.GetBytes((double)value),
                ElementType.Float16 => BitConverter.GetBytes((Half)value),
                ElementType.BFloat16 => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
                _ => BitConverter.GetBytes(value),
            })]);
            writer.Finish();
        }
        using SafetensorsReader reader = SafetensorsReader.Open(folder.At("model.safetensors"));
        Assert.Equal(values, reader.ReadSingles("x"));
        foreach ((int from, int length) in ((int, int)[])[(0, 1), (1, 70_001), (65_535, 2), (count - 3, 3), (count, 0)])
        {
            var piece = new float[length];
            reader.ReadSingles("x", from, piece);
            Assert.Equal(values[from..(from + length)], piece);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.ReadSingles("x", count - 1, new float[2]));
    }
}
