using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Onnx;

/// <summary>ONNX's element type of a C# type.</summary>
internal static class ElementTypes
{
    public static DataType From<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? DataType.Float
        : typeof(T) == typeof(Half) ? DataType.Float16
        : typeof(T) == typeof(BFloat16) ? DataType.Bfloat16
        : typeof(T) == typeof(sbyte) ? DataType.Int8
        : typeof(T) == typeof(byte) ? DataType.Uint8
        : typeof(T) == typeof(int) ? DataType.Int32
        : typeof(T) == typeof(long) ? DataType.Int64
        : throw new NotSupportedException($"No ONNX element type for {typeof(T)}.");
}
