using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// The signature that Runtime drives (<see cref="GraphNames"/>): shared past and present buffers, ragged rows, logits of chosen rows.
/// <code>
/// normed (B, S, H) ─ Reshape ─ (B · S, H) ─ Gather(logit_indices) ─ lm_head ─► logits (n, V)
/// </code>
/// </summary>
internal sealed class FactorySignature(GraphBuilder graph, CacheLayout cache) : GraphSignature(graph, cache)
{
    private string _indices = "";

    public override void Begin()
    {
        Ids = Graph.Input(GraphNames.InputIds, DataType.Int64, "batch", "time");
        LastPositions = Graph.Input(GraphNames.LastPositions, DataType.Int32, "batch");
        TotalLength = Graph.Input(GraphNames.TotalLength, DataType.Int32);
        _indices = Graph.Input(GraphNames.LogitIndices, DataType.Int64, "logit_rows");
        for (int block = 0; block < Cache.Blocks; block++)
        {
            Graph.Input(GraphNames.PastKey(block), Cache.Type, Cache.Shape("capacity"));
            Graph.Input(GraphNames.PastValue(block), Cache.Type, Cache.Shape("capacity"));
        }
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) =>
        (GraphNames.PastKey(block), GraphNames.PastValue(block), GraphNames.PresentKey(block), GraphNames.PresentValue(block));

    public override (string Keys, string Values)? CacheScalesOf(int block)
    {
        if (Cache.Scales is not KvScales scales)
        {
            return null;
        }
        long[] shape = [Cache.KeyValueHeads, 1, Cache.HeadSize];
        return (Graph.Weight($"model.layers.{block}.self_attn.key_cache.scale", shape, () => scales.Keys[block]),
            Graph.Weight($"model.layers.{block}.self_attn.value_cache.scale", shape, () => scales.Values[block]));
    }

    public override string HeadRows(string normed) => ChosenRows(Graph, normed, Cache.Hidden, _indices);

    public override void End(string logits)
    {
        Graph.OutputAs(GraphNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
        for (int block = 0; block < Cache.Blocks; block++)
        {
            Graph.Output(GraphNames.PresentKey(block), Cache.Type, Cache.Shape("capacity"));
            Graph.Output(GraphNames.PresentValue(block), Cache.Type, Cache.Shape("capacity"));
        }
    }

    /// <summary>(B, S, H) ─ Reshape ─ (B * S, H) ─ Gather ─► (n, H).</summary>
    internal static string ChosenRows(GraphBuilder graph, string normed, int hidden, string indices)
    {
        string rows = graph.Node("/lm_head", "Reshape", [normed, graph.Constant("/lm_head/flat_shape", -1, hidden)]);
        return graph.Node("/lm_head", "Gather", [rows, indices]);
    }
}
