using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Precisions;

/// <summary>
/// Weights of a floating type, computed in that type:
/// <code>x ─ MatMul(Wᵀ) ─►       ids ─ Gather(E) ─ Cast ─► float32       x ─ Cast ─ MatMul(headᵀ) or Gemm(E) ─ Cast ─► logits</code>
/// </summary>
internal abstract class PlainPrecision<T> : Precision where T : unmanaged
{
    internal override DataType Compute => ElementTypes.From<T>();

    /// <summary>To the nearest, ties to even.</summary>
    protected abstract void Round(ReadOnlySpan<float> values, Span<T> rounded);

    internal override string Linear(GraphBuilder graph, string path, LinearInput x, LinearWeight weight) =>
        graph.Node(path, "MatMul", [x.Values, StoreTransposed(graph, weight)]);

    /// <returns>Wᵀ, (inputs, outputs).</returns>
    internal string StoreTransposed(GraphBuilder graph, LinearWeight weight) =>
        graph.WeightInPieces(weight.Name, [weight.Inputs, weight.Outputs], () => Folding.Transposed(weight.Rows(), weight.Outputs, weight.Inputs).Select(Convert));

    internal override string Vector(GraphBuilder graph, string name, IReadOnlyList<long> shape, Func<float[]> values) =>
        graph.Weight<T>(name, shape, () => Convert(values()));

    internal override string Embed(GraphBuilder graph, string path, LinearWeight embedding, string ids)
    {
        string rows = graph.Node(path, "Gather", [Store(graph, embedding), ids]);
        return Cast(graph, path, rows, Compute, DataType.Float);
    }

    /// <summary>
    /// A head of its own lies transposed, as every linear weight. A tied one is the embedding, (vocabulary, hidden), which Gemm takes as it is; but on the
    /// CPU, where float32 runs, MatMul is half as fast again for one row (32,000 × 768: 2.0 ms for 3.0), and the transpose of a constant is made once, at load.
    /// </summary>
    internal override string Logits(GraphBuilder graph, string path, string x, LinearWeight weight, bool isTied)
    {
        string input = Cast(graph, $"{path}/input", x, DataType.Float, Compute);
        string logits = !isTied ? Linear(graph, path, new LinearInput(input, null), weight)
            : Compute == DataType.Float ? graph.Node(path, "MatMul", [input, graph.Node(path, "Transpose", [weight.Name])])
            : graph.Node(path, "Gemm", [input, weight.Name], "", GraphBuilder.Attribute("transB", 1));
        return Cast(graph, path, logits, Compute, DataType.Float);
    }

    private string Store(GraphBuilder graph, LinearWeight weight) => graph.Weight<T>(weight.Name, [weight.Outputs, weight.Inputs], () => Convert(weight.Rows()));

    private ReadOnlyMemory<T> Convert(ReadOnlyMemory<float> values)
    {
        if (values is ReadOnlyMemory<T> same)
        {
            return same;
        }
        var rounded = new T[values.Length];
        Round(values.Span, rounded);
        return rounded;
    }
}
