using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Precisions;

/// <summary>
/// The same bytes as <see cref="BF16"/>, computed in float32, so that a bf16 bundle can be checked where no bf16 kernels are. Never written for users.
/// <code>W bf16 ─ Cast ─► float32, then as fp32</code>
/// </summary>
internal sealed class WidenedBF16 : Precision
{
    private static readonly BF16 Stored = new();

    public override string Name => Stored.Name;

    public override string Summary => Stored.Summary;

    public override double LogitTolerance => Stored.LogitTolerance;

    public override double PerplexityBound => Stored.PerplexityBound;

    internal override string Vector(GraphBuilder graph, string name, IReadOnlyList<long> shape, Func<float[]> values) =>
        Widen(graph, Stored.Vector(graph, name, shape, values));

    internal override string Linear(GraphBuilder graph, string path, LinearInput x, LinearWeight weight)
    {
        string stored = Stored.StoreTransposed(graph, weight);
        return graph.Node(path, "MatMul", [x.Values, Widen(graph, stored)]);
    }

    internal override string Embed(GraphBuilder graph, string path, LinearWeight embedding, string ids) => Stored.Embed(graph, path, embedding, ids);

    internal override string Logits(GraphBuilder graph, string path, string x, LinearWeight weight, bool isTied) => isTied
        ? graph.Node(path, "Gemm", [x, Widen(graph, weight.Name)], "", GraphBuilder.Attribute("transB", 1))
        : Linear(graph, path, new LinearInput(x, null), weight);

    private static string Widen(GraphBuilder graph, string stored) =>
        graph.WeightNode($"/widened/{stored}", "Cast", stored, GraphBuilder.Attribute("to", (long)DataType.Float));
}
