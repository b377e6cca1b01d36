using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Precisions;

/// <summary>
/// Emits the model's weights in the precision that a plan gives each, and the casts between float32 (residual stream, norms, logits) and the
/// branches' element type:
/// <code>normed (float32) ─ Input ─► x ─ Linear ─► … ─ Linear ─► y ─ Output ─► (float32)</code>
/// </summary>
internal sealed class LinearEmitter(GraphBuilder graph, PrecisionPlan plan)
{
    /// <summary>Called with a weight and the name of its input, (…, inputs), before the weight is emitted.</summary>
    public Action<LinearWeight, string>? InputSeen { get; init; }

    /// <summary>Element type inside the branches.</summary>
    public DataType Compute => plan.Main.Compute;

    /// <summary>Where a branch begins: what several weights may read.</summary>
    /// <param name="x">(B, S, inputs), float32.</param>
    public LayerInput Input(string path, string x) => Inner(path, Precision.Cast(graph, path, x, DataType.Float, Compute));

    /// <summary>What weights read further inside a branch.</summary>
    /// <param name="x">(B, S, inputs), of type <see cref="Compute"/>.</param>
    public static LayerInput Inner(string path, string x) => new(path, x);

    /// <summary>Where a branch ends.</summary>
    /// <returns>(B, S, hidden), float32.</returns>
    public string Output(string path, string y) => Precision.Cast(graph, path, y, Compute, DataType.Float);

    /// <returns>x @ Wᵀ, (B, S, outputs), of type <see cref="Compute"/>.</returns>
    public string Linear(string path, LayerInput x, LinearWeight weight)
    {
        InputSeen?.Invoke(weight, x.Values);
        Precision precision = plan.For(weight.Name);
        LinearInput input = x.For(precision, () => precision.Prepare(
            graph, x.Path, Precision.Cast(graph, $"{x.Path}/{precision.Name}", x.Values, Compute, precision.Compute)));
        return Precision.Cast(graph, $"{path}/output", precision.Linear(graph, path, input, weight), precision.Compute, Compute);
    }

    /// <summary>A bias or a table, stored in the branches' element type.</summary>
    public string Vector(string name, IReadOnlyList<long> shape, Func<float[]> values) => plan.Main.Vector(graph, name, shape, values);

    /// <returns>(B, S, hidden), float32.</returns>
    public string Embed(string path, LinearWeight embedding, string ids) => plan.For(embedding.Name).Embed(graph, path, embedding, ids);

    /// <param name="x">(n, hidden), float32.</param>
    /// <param name="tied">Whether the head is the embedding.</param>
    /// <returns>(n, vocabulary), float32.</returns>
    public string Logits(string path, string x, LinearWeight head, bool tied) => plan.For(head.Name).Logits(graph, path, x, head, tied);
}
