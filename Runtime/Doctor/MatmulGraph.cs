using Google.Protobuf;

namespace Factory.Runtime.Doctor;

/// <summary>The smallest ONNX model worth running: product = MatMul(left, right), square float32 matrices. Written by hand, since only the Exporter has ONNX's classes.</summary>
internal static class MatmulGraph
{
    private const int Single = 1; // TensorProto.FLOAT

    /// <summary>A serialised ModelProto; the numbers are onnx.proto's field numbers.</summary>
    public static byte[] Create(int size)
    {
        byte[] node = Message(output =>
        {
            Text(output, 1, "left");
            Text(output, 1, "right");
            Text(output, 2, "product");
            Text(output, 4, "MatMul");
        });
        byte[] graph = Message(output =>
        {
            Bytes(output, 1, node);
            Text(output, 2, "doctor");
            Bytes(output, 11, Value("left", size));
            Bytes(output, 11, Value("right", size));
            Bytes(output, 12, Value("product", size));
        });
        byte[] opset = Message(output => Number(output, 2, 21));
        return Message(output =>
        {
            Number(output, 1, 10); // IR version
            Bytes(output, 7, graph);
            Bytes(output, 8, opset);
        });
    }

    private static byte[] Value(string name, int size)
    {
        byte[] dimension = Message(output => Number(output, 1, size));
        byte[] shape = Message(output =>
        {
            Bytes(output, 1, dimension);
            Bytes(output, 1, dimension);
        });
        byte[] tensor = Message(output =>
        {
            Number(output, 1, Single);
            Bytes(output, 2, shape);
        });
        byte[] type = Message(output => Bytes(output, 1, tensor));
        return Message(output =>
        {
            Text(output, 1, name);
            Bytes(output, 2, type);
        });
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var buffer = new MemoryStream();
        using (var output = new CodedOutputStream(buffer, leaveOpen: true))
        {
            write(output);
        }
        return buffer.ToArray();
    }

    private static void Number(CodedOutputStream output, int field, long value)
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt64(value);
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }

    private static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }
}
