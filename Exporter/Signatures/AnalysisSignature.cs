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
    private readonly List<string> _states = [];
    private string _indices = "";
    private string _removed = "";

    public override void Begin()
    {
        Ids = Graph.Input(AnalysisNames.InputIds, DataType.Int64, "batch", "time");
        _indices = Graph.Input(AnalysisNames.LogitIndices, DataType.Int64, "logit_rows");
        string gate = Graph.Input(AnalysisNames.BlockGate, DataType.Float, Cache.Blocks);
        _removed = Graph.Node("/analysis/gate", "Equal", [gate, Graph.Scalar("/analysis/zero", 0f)]); // (L) bool
        (LastPositions, TotalLength) = WholeSequences.Emit(Graph, Ids);
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) => ("", "", "", "");

    public override bool NeedsBlockInputs => true;

    public override string AfterBlock(int block, string input, string output)
    {
        string path = $"/analysis/layers.{block}";
        if (block == 0)
        {
            _states.Add(input);
        }
        string removed = Graph.Node($"{path}/gate", "Gather", [_removed, Graph.Scalar($"{path}/index", (long)block)]); // a scalar
        _states.Add(Graph.Node(path, "Where", [removed, input, output])); // (B, S, H)
        return _states[^1];
    }

    public override string HeadRows(string normed) => FactorySignature.ChosenRows(Graph, normed, Cache.Hidden, _indices);

    public override void End(string logits)
    {
        var statistics = new BlockStatisticsEmitter(Graph, _states);
        (string mean, string square, string variance) = statistics.Moments();
        (string distances, string last, string cosines) = statistics.Angles();
        Graph.OutputAs(AnalysisNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
        Graph.OutputAs(AnalysisNames.Mean, mean, DataType.Float, Cache.Blocks);
        Graph.OutputAs(AnalysisNames.MeanSquare, square, DataType.Float, Cache.Blocks);
        Graph.OutputAs(AnalysisNames.Variance, variance, DataType.Float, Cache.Blocks);
        Graph.OutputAs(AnalysisNames.Cosine, cosines, DataType.Float, Cache.Blocks);
        Graph.OutputAs(AnalysisNames.AngularDistance, distances, DataType.Float, Cache.Blocks + 1, Cache.Blocks + 1);
        Graph.OutputAs(AnalysisNames.AngularDistanceLastToken, last, DataType.Float, Cache.Blocks + 1, Cache.Blocks + 1);
    }
}
