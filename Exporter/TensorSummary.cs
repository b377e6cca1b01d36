using System.Globalization;
using Factory.Exporter.Onnx;

namespace Factory.Exporter;

/// <summary>One input, output or initialiser.</summary>
/// <param name="Dtype">ONNX's name of the element type, lower-case: float, int64 …</param>
/// <param name="Shape">Numbers, or names of free sizes.</param>
internal sealed record TensorSummary(string Name, string Dtype, IReadOnlyList<string> Shape)
{
    public static TensorSummary From(ValueInfoProto value)
    {
        TypeProto.Types.Tensor? tensor = value.Type?.TensorType;
        return new TensorSummary(value.Name, DtypeName(tensor?.ElemType ?? 0), [.. (tensor?.Shape?.Dim ?? []).Select(Size)]);
    }

    public static TensorSummary From(TensorProto tensor) => new(tensor.Name, DtypeName(tensor.DataType), [.. tensor.Dims.Select(Text)]);

    private static string Size(TensorShapeProto.Types.Dimension size) =>
        size.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue ? Text(size.DimValue) : size.DimParam;

    private static string DtypeName(int type) => ((TensorProto.Types.DataType)type).ToString().ToLowerInvariant();

    private static string Text(long size) => size.ToString(CultureInfo.InvariantCulture);
}
