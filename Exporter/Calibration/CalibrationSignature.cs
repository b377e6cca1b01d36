using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using Factory.Exporter.Signatures;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Calibration;

/// <summary>
/// Whole sequences without a cache; gives Σ x·xᵀ of the inputs that weights are watched for:
/// <code>x (B, S, inputs) ─ Reshape ─ (B·S, inputs) ─┬─ Transpose ─┬─ MatMul ─► (inputs, inputs)
///                                             └─────────────┘</code>
/// </summary>
internal sealed class CalibrationSignature(GraphBuilder graph, CacheLayout cache) : GraphSignature(graph, cache)
{
    private readonly Dictionary<string, string> _outputs = [];
    private string _indices = "";

    /// <summary>Output by weight; weights that read the same share one.</summary>
    public Dictionary<string, string> OutputOf { get; } = [];

    public override void Begin()
    {
        Ids = Graph.Input(AnalysisNames.InputIds, DataType.Int64, "batch", "time");
        _indices = Graph.Input(AnalysisNames.LogitIndices, DataType.Int64, "logit_rows");
        (LastPositions, TotalLength) = WholeSequences.Emit(Graph, Ids);
    }

    public override (string PastKey, string PastValue, string PresentKey, string PresentValue) CacheOf(int block) => ("", "", "", "");

    public override string HeadRows(string normed) => FactorySignature.ChosenRows(Graph, normed, Cache.Hidden, _indices);

    /// <param name="x">(B, S, inputs).</param>
    public void Watch(string weight, string x, int inputs)
    {
        if (!_outputs.TryGetValue(x, out string? output))
        {
            string path = $"/calibration/{weight}";
            string rows = Graph.Node(path, "Reshape", [x, Graph.Constant($"{path}/shape", -1, inputs)]);
            string columns = Graph.Node(path, "Transpose", [rows], "");
            output = Graph.Node(path, "MatMul", [columns, rows]);
            _outputs.Add(x, output);
        }
        OutputOf.Add(weight, output);
    }

    public override void End(string logits)
    {
        Graph.OutputAs(AnalysisNames.Logits, logits, DataType.Float, "logit_rows", Cache.Vocabulary);
        foreach (string output in _outputs.Values)
        {
            Graph.Output(output, DataType.Float, "inputs", "inputs");
        }
    }
}
