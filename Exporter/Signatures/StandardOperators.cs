using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;

namespace Factory.Exporter.Signatures;

/// <summary>
/// Operators of the ONNX standard alone (opset 23):
/// <code>
/// x + branch ─ RMSNormalization ─► norm
/// q, k ─ RotaryEmbedding(positions) ─┐
/// v ─────────────────────────────────┴─ Attention(mask, past) ─► mixed, present
/// </code>
/// </summary>
internal sealed class StandardOperators(GraphBuilder graph) : IOperators
{
    public string RmsNorm(string path, string x, string gain, double epsilon) =>
        graph.Node(path, "RMSNormalization", [x, gain], "", Attribute("axis", -1), Attribute("epsilon", epsilon), Attribute("stash_type", 1));

    public (string Normed, string Sum) AddAndNorm(string path, string x, string branch, string gain, double epsilon)
    {
        string sum = graph.Node(path, "Add", [x, branch]);
        return (RmsNorm(path, sum, gain, epsilon), sum);
    }

    public string Attention(string path, GraphSignature signature, int block, AttentionShape shape, AttentionInputs inputs)
    {
        (string query, string key, string value) = inputs.Key.Length > 0 ? (inputs.Query, inputs.Key, inputs.Value) : Split(path, shape, inputs.Query);
        query = Rotate($"{path}/query", query, shape.Heads, signature, inputs);
        key = Rotate($"{path}/key", key, shape.KeyValueHeads, signature, inputs);
        (string pastKey, string pastValue, string presentKey, string presentValue) = signature.CacheOf(block);
        string mixed = $"{path}/Attention/output_0";
        graph.Node(path, "Attention", [query, key, value, signature.Mask(shape.Window), pastKey, pastValue], [mixed, presentKey, presentValue], "",
            Attribute("q_num_heads", shape.Heads), Attribute("kv_num_heads", shape.KeyValueHeads), Attribute("scale", shape.Scale));
        return mixed;
    }

    private (string Query, string Key, string Value) Split(string path, AttentionShape shape, string qkv)
    {
        (int queries, int keys) = (shape.Heads * shape.HeadSize, shape.KeyValueHeads * shape.HeadSize);
        string[] parts = [$"{path}/split/query", $"{path}/split/key", $"{path}/split/value"];
        graph.Node($"{path}/split", "Split", [qkv, graph.Constant($"{path}/split/widths", queries, keys, keys)], parts, "", Attribute("axis", -1));
        return (parts[0], parts[1], parts[2]);
    }

    private string Rotate(string path, string x, int heads, GraphSignature signature, AttentionInputs inputs) =>
        graph.Node(path, "RotaryEmbedding", [x, inputs.Cosine, inputs.Sine, signature.Positions], "", Attribute("interleaved", 0), Attribute("num_heads", heads));
}
