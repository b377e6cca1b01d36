using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;

namespace Factory.Exporter.Precisions;

/// <summary>
/// int4 weights in blocks of 32 inputs with one float32 scale each; embedding and head stay int8, where the loss would be largest:
/// <code>x ─ MatMulNBits(W int4, scales) ─►</code>
/// </summary>
internal abstract class BlockInt4Precision : Precision
{
    public override double LogitTolerance => 0.5;

    internal override Precision Head { get; } = new Int8();

    /// <summary>Whether a copy of each weight in 8 bits is stored beside it.</summary>
    internal bool StoresPrefillCopy { get; init; }

    internal abstract BlockInt4Precision WithPrefillCopy();

    internal override string Linear(GraphBuilder graph, string path, LinearInput x, LinearWeight weight)
    {
        var quantized = new Lazy<BlockInt4>(() => Quantize(weight));
        long blocks = BlockInt4.BlocksOf(weight.Inputs);
        string values = graph.Weight<byte>(weight.Name, [weight.Outputs, blocks, BlockInt4.Size / 2], () => quantized.Value.Packed);
        string scales = graph.Weight($"{weight.Name}.scale", [weight.Outputs * blocks], () => quantized.Value.Scales);
        if (StoresPrefillCopy)
        {
            PrefillCopy.Store(graph, weight, quantized);
        }
        // accuracy_level 4 computes in int8: the other levels widen the weights and are two to ten times slower.
        return graph.Node(path, "MatMulNBits", [x.Values, values, scales], GraphBuilder.MicrosoftDomain,
            GraphBuilder.Attribute("K", weight.Inputs), GraphBuilder.Attribute("N", weight.Outputs), GraphBuilder.Attribute("bits", 4),
            GraphBuilder.Attribute("block_size", BlockInt4.Size), GraphBuilder.Attribute("accuracy_level", 4));
    }

    internal override string Embed(GraphBuilder graph, string path, LinearWeight embedding, string ids) => throw Misplaced();

    internal override string Logits(GraphBuilder graph, string path, string x, LinearWeight weight, bool isTied) => throw Misplaced();

    private protected virtual BlockInt4 Quantize(LinearWeight weight) => BlockInt4.RoundToNearest(weight.Rows(), weight.Outputs, weight.Inputs);

    private static InvalidOperationException Misplaced() => new("Embedding and head of int4 are written in int8.");
}
