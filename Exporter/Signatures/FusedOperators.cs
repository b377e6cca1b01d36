using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;

namespace Factory.Exporter.Signatures;

/// <summary>
/// ONNX Runtime's own operators, fastest on CPU and CUDA:
/// <code>
/// x, branch ─ SkipSimplifiedLayerNormalization ─► norm, sum
/// q, k, v, past ─ GroupQueryAttention (rotates, appends to the cache, attends) ─► mixed, present
///   key and value scales ──┘ where the cache is int8
/// </code>
/// </summary>
internal sealed class FusedOperators(GraphBuilder graph) : IOperators
{
    public string RmsNorm(string path, string x, string gain, double epsilon) =>
        graph.Node(path, "SimplifiedLayerNormalization", [x, gain], "", Attribute("axis", -1), Attribute("epsilon", epsilon), Attribute("stash_type", 1));

    public (string Normed, string Sum) AddAndNorm(string path, string x, string branch, string gain, double epsilon)
    {
        const string op = "SkipSimplifiedLayerNormalization";
        string normed = $"{path}/{op}/output_0";
        string sum = $"{path}/{op}/output_3";
        graph.Node(path, op, [x, branch, gain], [normed, "", "", sum], MicrosoftDomain, Attribute("epsilon", epsilon));
        return (normed, sum);
    }

    public string Attention(string path, GraphSignature signature, int block, AttentionShape shape, AttentionInputs inputs)
    {
        (string pastKey, string pastValue, string presentKey, string presentValue) = signature.CacheOf(block);
        (string Keys, string Values)? scales = signature.CacheScalesOf(block);
        string mixed = $"{path}/GroupQueryAttention/output_0";
        graph.Node(path, "GroupQueryAttention",
            [inputs.Query, inputs.Key, inputs.Value, pastKey, pastValue, signature.LastPositions, signature.TotalLength, inputs.Cosine, inputs.Sine,
            .. scales is (string keys, string values) ? ["", "", "", keys, values] : Array.Empty<string>()],
            [mixed, presentKey, presentValue],
            MicrosoftDomain,
            [.. Window(shape), .. scales is null ? [] : Int8Cache, Attribute("num_heads", shape.Heads), Attribute("kv_num_heads", shape.KeyValueHeads), Attribute("scale", shape.Scale),
            Attribute("do_rotary", 1), Attribute("rotary_interleaved", 0)]);
        return mixed;
    }

    private static AttributeProto[] Int8Cache =>
        [Attribute("k_quant_type", "PER_CHANNEL"), Attribute("v_quant_type", "PER_CHANNEL"), Attribute("kv_cache_bit_width", 8)];

    private static IEnumerable<AttributeProto> Window(AttentionShape shape) => shape.Window is int window ? [Attribute("local_window_size", window)] : [];
}
