using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;

namespace Factory.Exporter.Precisions;

/// <summary>
/// A copy of int4 weights in 8 bits, for tokens that come many at a time: there <see cref="Int8"/>'s products are about twice as fast. The copy is made of the
/// int4 weights, not of the trained ones, so that both graphs are one model.
/// </summary>
internal sealed class PrefillCopy : Precision
{
    private static readonly Int8 Int8 = new();

    public override string Name => "int8";

    public override string Summary => "a copy of int4 weights";

    public override double LogitTolerance => Int8.LogitTolerance;

    public override double PerplexityBound => Int8.PerplexityBound;

    internal override Precision Head => Int8;

    internal override LinearInput Prepare(GraphBuilder graph, string path, string x) => Int8.Prepare(graph, path, x);

    internal override string Linear(GraphBuilder graph, string path, LinearInput x, LinearWeight weight) =>
        Int8.Linear(graph, path, x, weight with { Name = NameOf(weight), Rows = () => throw new InvalidOperationException($"The copy of '{weight.Name}' was not stored.") });

    internal override string Embed(GraphBuilder graph, string path, LinearWeight embedding, string ids) => Int8.Embed(graph, path, embedding, ids);

    internal override string Logits(GraphBuilder graph, string path, string x, LinearWeight weight, bool isTied) => Int8.Logits(graph, path, x, weight, isTied);

    /// <summary>Stores the copy of a weight that is at hand.</summary>
    public static void Store(GraphBuilder graph, LinearWeight weight, Lazy<BlockInt4> quantized) =>
        Precisions.Int8.Store(graph, weight with { Name = NameOf(weight), Rows = () => quantized.Value.Dequantize(weight.Outputs, weight.Inputs) });

    private static string NameOf(LinearWeight weight) => $"{weight.Name}.int8";
}
