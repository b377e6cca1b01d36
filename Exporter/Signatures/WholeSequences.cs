using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// Lengths for GroupQueryAttention where every row is as long as the input and nothing came before it:
/// <code>ids ─ Shape ─ (B, S) ─┬─ Gather 1 ─ Cast ─► total length ─ -1 ─ Expand (B) ─► last positions</code>
/// </summary>
internal static class WholeSequences
{
    /// <param name="ids">(B, S).</param>
    public static (string LastPositions, string TotalLength) Emit(GraphBuilder graph, string ids)
    {
        const string path = "/model/lengths";
        string shape = graph.Node(path, "Shape", [ids]);
        string time = graph.Node($"{path}/time", "Gather", [shape, graph.Scalar("/model/lengths/one", 1L)]);
        string total = graph.Node($"{path}/time", "Cast", [time], "", Attribute("to", (long)DataType.Int32)); // a scalar
        string last = graph.Node(path, "Sub", [total, graph.Scalar($"{path}/one_int32", 1)]);
        string rows = graph.Node($"{path}/batch", "Slice", [shape, graph.Constant($"{path}/start", 0), graph.Constant($"{path}/end", 1)]); // (1)
        return (graph.Node(path, "Expand", [last, rows]), total);
    }
}
