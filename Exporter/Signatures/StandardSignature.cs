using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// <see cref="PortableSignature"/> for standard operators, which take positions and a mask of who sees whom:
/// <code>
/// key j ≤ query i + past ─┐
/// attention_mask[b, j] ───┴─ And ─► (B, 1, S, T)
/// </code>
/// </summary>
internal sealed class StandardSignature(GraphBuilder graph, CacheLayout cache) : PortableSignature(graph, cache)
{
    private const string MaskPath = "/model/mask";

    private readonly Dictionary<int, string> _windows = [];
    private string _keys = "";
    private string _queries = "";
    private string _mask = "";

    /// <summary>The first with attention, rotary embedding and RMSNorm.</summary>
    public const int StandardOpset = 23;

    public override IOperators Operators { get; } = new StandardOperators(graph);

    public override void Begin()
    {
        base.Begin();
        const string path = MaskPath;
        string zero = Graph.Scalar($"{path}/zero", 0L);
        string one = Graph.Scalar($"{path}/one", 1L);
        string time = Graph.Node($"{path}/time", "Gather", [Graph.Node($"{path}/time", "Shape", [Ids]), one]); // S
        string total = Graph.Node($"{path}/total", "Gather", [Graph.Node($"{path}/total", "Shape", [AttentionMask]), one]); // T
        string past = Graph.Node($"{path}/past", "Sub", [total, time]);
        _keys = Graph.Node($"{path}/keys", "Range", [zero, total, one]); // (T)
        string queries = Graph.Node($"{path}/queries", "Range", [past, total, one]); // (S)
        _queries = Graph.Node($"{path}/queries", "Unsqueeze", [queries, Graph.Constant($"{path}/last_axis", 1)]); // (S, 1)
        string causal = Graph.Node(path, "LessOrEqual", [_keys, _queries]); // (S, T)
        string counts = Graph.Node($"{path}/counts", "Cast", [AttentionMask], "", Attribute("to", (long)DataType.Bool));
        string rows = Graph.Node($"{path}/counts", "Unsqueeze", [counts, Graph.Constant($"{path}/middle_axes", 1, 2)]); // (B, 1, 1, T)
        _mask = Graph.Node(path, "And", [rows, causal]); // (B, 1, S, T)
    }

    /// <summary>Windows are one more condition: key j > query i + past - window.</summary>
    public override string Mask(int? window)
    {
        if (window is not int size)
        {
            return _mask;
        }
        if (!_windows.TryGetValue(size, out string? mask))
        {
            string path = $"{MaskPath}/window{size}";
            string first = Graph.Node(path, "Sub", [_queries, Graph.Scalar($"{path}/size", (long)size)]); // (S, 1)
            mask = Graph.Node(path, "And", [_mask, Graph.Node(path, "Greater", [_keys, first])]);
            _windows.Add(size, mask);
        }
        return mask;
    }

    protected override void DeclareMore() => Positions = Graph.Input(PortableNames.PositionIds, DataType.Int64, Batch, "sequence_length");
}
