using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// Lets each block be switched off:
/// <code>
/// x ─┬─ block ─ y ─┐
///    └─────────────┴─ Where(gate[l] = 0, x, y) ─►
/// </code>
/// </summary>
internal sealed class BlockGate(GraphBuilder graph, int blocks)
{
    private string _removed = "";

    /// <summary>Declares the input <see cref="AnalysisNames.BlockGate"/>, the last of the graph's.</summary>
    public void Declare()
    {
        string gate = graph.Input(AnalysisNames.BlockGate, DataType.Float, blocks);
        _removed = graph.Node("/analysis/gate", "Equal", [gate, graph.Scalar("/analysis/zero", 0f)]); // (L) bool
    }

    /// <returns>A block's output, or its input where it is off; (B, S, H).</returns>
    public string Emit(int block, string input, string output)
    {
        string path = $"/analysis/layers.{block}";
        string removed = graph.Node($"{path}/gate", "Gather", [_removed, graph.Scalar($"{path}/index", (long)block)]); // a scalar
        return graph.Node(path, "Where", [removed, input, output]);
    }
}
