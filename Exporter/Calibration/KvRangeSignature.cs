using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using Factory.Exporter.Signatures;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Calibration;

/// <summary>
/// Whole sequences without a past; gives the largest magnitude that each channel has in the cache:
/// <code>present key or value (B, keyValueHeads, S, headSize) ─ Abs ─ ReduceMax over B and S ─► (1, keyValueHeads, 1, headSize)</code>
/// </summary>
internal sealed class KvRangeSignature(GraphBuilder graph, CacheLayout cache) : GraphSignature(graph, cache)
{
    private string _indices = "";

    /// <summary>Output with a block's keys.</summary>
    public static string KeyRange(int block) => $"key_range.{block}";

    /// <summary>Output with a block's values.</summary>
    public static string ValueRange(int block) => $"value_range.{block}";

    public override void Begin()
    {
        Ids = Graph.Input(AnalysisNames.InputIds, DataType.Int64, "batch", "time");
        _indices = Graph.Input(AnalysisNames.LogitIndices, DataType.Int64, "logit_rows");
        (LastPositions, TotalLength) = WholeSequences.Emit(Graph, Ids);
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) =>
        ("", "", GraphNames.PresentKey(block), GraphNames.PresentValue(block));

    public override string HeadRows(string normed) => FactorySignature.ChosenRows(Graph, normed, Cache.Hidden, _indices);

    public override void End(string logits)
    {
        string[] ranges = [.. Enumerable.Range(0, Cache.Blocks).SelectMany(block => new[]
        {
            Largest(KeyRange(block), GraphNames.PresentKey(block)), Largest(ValueRange(block), GraphNames.PresentValue(block)),
        })];
        Graph.OutputAs(AnalysisNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
        foreach (string range in ranges)
        {
            Graph.Output(range, DataType.Float, 1, Cache.KeyValueHeads, 1, Cache.HeadSize);
        }
    }

    private string Largest(string output, string present)
    {
        string path = $"/calibration/{output}";
        string magnitude = Graph.Node(path, "Abs", [present]);
        Graph.Node(path, "ReduceMax", [magnitude, Graph.Shared("/calibration/rows_and_tokens", 0, 2)], [output], "", GraphBuilder.Attribute("keepdims", 1));
        return output;
    }
}
