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
    private readonly List<string> _states = [];
    private string _removed = "";

    /// <summary>The residual stream before the first block and after each, each (B, S, H).</summary>
    public IReadOnlyList<string> States => _states;

    /// <summary>Declares the input <see cref="AnalysisNames.BlockGate"/>, the last of the graph's.</summary>
    public void Declare()
    {
        string gate = graph.Input(AnalysisNames.BlockGate, DataType.Float, blocks);
        _removed = graph.Node("/analysis/gate", "Equal", [gate, graph.Scalar("/analysis/zero", 0f)]); // (L) bool
    }

    /// <summary>To be called for each block, from the first on.</summary>
    /// <returns>The block's output, or its input where it is off; (B, S, H).</returns>
    public string Emit(int block, string input, string output)
    {
        if (block == 0)
        {
            _states.Add(input);
        }
        string path = $"/analysis/layers.{block}";
        string removed = graph.Node($"{path}/gate", "Gather", [_removed, graph.Scalar($"{path}/index", (long)block)]); // a scalar
        _states.Add(graph.Node(path, "Where", [removed, input, output]));
        return _states[^1];
    }
}
