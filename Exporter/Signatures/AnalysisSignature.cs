using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// Whole sequences without a cache; each block can be switched off, and what flows between the blocks is measured (<see cref="AnalysisNames"/>):
/// <code>
/// x ─┬─ block ─ y ─┐
///    └─────────────┴─ Where(gate[l] = 0, x, y) ─► next block, statistics
/// </code>
/// </summary>
internal sealed class AnalysisSignature(GraphBuilder graph, CacheLayout cache) : GraphSignature(graph, cache)
{
    private readonly BlockGate _gate = new(graph, cache.Blocks);
    private string _indices = "";

    public override void Begin()
    {
        Ids = Graph.Input(AnalysisNames.InputIds, DataType.Int64, "batch", "time");
        _indices = Graph.Input(AnalysisNames.LogitIndices, DataType.Int64, "logit_rows");
        _gate.Declare();
        (LastPositions, TotalLength) = WholeSequences.Emit(Graph, Ids);
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) => ("", "", "", "");

    public override bool NeedsBlockInputs => true;

    public override string AfterBlock(int block, string input, string output) => _gate.Emit(block, input, output);

    public override string HeadRows(string normed) => FactorySignature.ChosenRows(Graph, normed, Cache.Hidden, _indices);

    public override void End(string logits)
    {
        Action outputs = new BlockStatisticsEmitter(Graph, _gate.States).Emit();
        Graph.OutputAs(AnalysisNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
        outputs();
    }
}
