using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Precisions;

/// <summary>
/// The same bytes as a 16-bit precision, each weight widened to float32 when a product needs it, so that the CPU can check a bundle whose type it has no
/// kernels for, or that is too large to be widened as a whole, which is what ONNX Runtime does. Never written for users.
/// <code>
/// x ─ Cast ─┬─ MatMul ─ Cast ─► as x        the casts around x where it is not float32 anyway
/// W ─ Cast ─┘
/// </code>
/// </summary>
/// <param name="stored">How weights lie on the disk.</param>
/// <param name="compute">Element type of the branches.</param>
internal sealed class Widened<T>(PlainPrecision<T> stored, DataType compute) : Precision where T : unmanaged
{
    public override string Name => stored.Name;

    public override string Summary => stored.Summary;

    public override double LogitTolerance => stored.LogitTolerance;

    public override double PerplexityBound => stored.PerplexityBound;

    internal override DataType Compute => compute;

    internal override string Vector(GraphBuilder graph, string name, IReadOnlyList<long> shape, Func<float[]> values)
    {
        string vector = stored.Vector(graph, name, shape, values);
        return compute == stored.Compute ? vector : Widen(graph, vector);
    }

    internal override string Linear(GraphBuilder graph, string path, LinearInput x, LinearWeight weight) =>
        InSingle(graph, path, x.Values, input => graph.Node(path, "MatMul", [input, Widen(graph, stored.StoreTransposed(graph, weight))]));

    internal override string Embed(GraphBuilder graph, string path, LinearWeight embedding, string ids) => stored.Embed(graph, path, embedding, ids);

    internal override string Logits(GraphBuilder graph, string path, string x, LinearWeight weight, bool isTied)
    {
        string rounded = Cast(graph, $"{path}/input", x, DataType.Float, compute);
        string logits = isTied
            ? InSingle(graph, path, rounded, input => graph.Node(path, "Gemm", [input, Widen(graph, weight.Name)], "", GraphBuilder.Attribute("transB", 1)))
            : Linear(graph, path, new LinearInput(rounded, null), weight);
        return Cast(graph, $"{path}/logits", logits, compute, DataType.Float);
    }

    private string InSingle(GraphBuilder graph, string path, string x, Func<string, string> product) =>
        Cast(graph, $"{path}/narrow", product(Cast(graph, $"{path}/widen", x, compute, DataType.Float)), DataType.Float, compute);

    private static string Widen(GraphBuilder graph, string weight) =>
        graph.WeightNode($"/widened/{weight}", "Cast", weight, GraphBuilder.Attribute("to", (long)DataType.Float));
}
