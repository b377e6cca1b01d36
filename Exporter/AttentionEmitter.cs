using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;
using Factory.Exporter.Signatures;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter;

/// <summary>
/// Causal self-attention with a KV cache. B sequences, S new tokens, H hidden.
/// <code>
///                                    rotary table ─┐ ┌─ past keys, values
/// x ─ qkv_proj ─ + bias ─ [head norms of q, k] ─ Attention ─ o_proj ─ + bias ─►
///                                                    └─► present keys, values
/// </code>
/// Biases and head norms stand where the plan has them.
/// </summary>
/// <param name="cosine">Rotary table, (positions, paddedHeadSize / 2).</param>
internal sealed class AttentionEmitter(
    GraphBuilder graph, GraphSignature signature, LinearEmitter linear, int hidden, HeadLayout head, string cosine, string sine, Func<string, float[]> read)
{
    /// <param name="x">(B, S, H)</param>
    /// <param name="factor">What the output projection takes up.</param>
    /// <returns>(B, S, H)</returns>
    public string Emit(string path, int block, AttentionPlan plan, string x, BranchFactor factor)
    {
        int queries = plan.Heads * head.PaddedSize;
        int keys = plan.KeyValueHeads * head.PaddedSize;
        string qkv = EmitProjections(path, plan, linear.Input($"{path}/input", x), queries + (2 * keys)); // (B, S, queries + 2 keys)
        (string query, string key, string value) = plan.QueryNorm is null ? (qkv, "", "") : EmitHeadNorms(path, plan, qkv, queries, keys);
        var shape = new AttentionShape(plan.Heads, plan.KeyValueHeads, head.PaddedSize, 1 / Math.Sqrt(plan.HeadSize), plan.Window);
        string mixed = signature.Operators.Attention(path, signature, block, shape, new AttentionInputs(query, key, value, cosine, sine)); // (B, S, queries)
        return EmitOutput(path, plan, mixed, queries, factor);
    }

    /// <summary>Queries, keys and values in one product: <code>x ─ MatMul([Wq; Wk; Wv]) ─ Add([bq; bk; bv]) ─► (B, S, queries + 2 keys)</code></summary>
    private string EmitProjections(string path, AttentionPlan plan, LayerInput x, int width)
    {
        var weight = new LinearWeight($"{plan.Name}.qkv_proj.weight", width, hidden, () => [.. Weight("q_proj"), .. Weight("k_proj"), .. Weight("v_proj")]);
        string qkv = linear.Linear($"{path}/qkv_proj", x, weight);
        if (!plan.QueryKeyValueBias)
        {
            return qkv;
        }
        string bias = linear.Vector($"{plan.Name}.qkv_proj.bias", [width], () => [.. Bias("q_proj"), .. Bias("k_proj"), .. Bias("v_proj")]);
        return graph.Node($"{path}/qkv_proj", "Add", [qkv, bias]);

        float[] Weight(string projection) => head.PadRows(read($"{plan.Name}.{projection}.weight"), hidden);
        float[] Bias(string projection) => head.PadRows(read($"{plan.Name}.{projection}.bias"), 1);
    }

    /// <summary>
    /// <code>
    ///             ┌─ q_norm ─► q (B, S, queries)
    /// qkv ─ Split ┼─ k_norm ─► k (B, S, keys)
    ///             └──────────► v (B, S, keys)
    /// </code>
    /// </summary>
    private (string Query, string Key, string Value) EmitHeadNorms(string path, AttentionPlan plan, string qkv, int queries, int keys)
    {
        string[] parts = [$"{path}/qkv_proj/query", $"{path}/qkv_proj/key", $"{path}/qkv_proj/value"];
        graph.Node($"{path}/qkv_proj", "Split", [qkv, graph.Constant($"{path}/qkv_proj/widths", queries, keys, keys)], parts, "", Attribute("axis", -1));
        return (EmitHeadNorm($"{path}/q_norm", plan.QueryNorm!, parts[0], plan.Heads), EmitHeadNorm($"{path}/k_norm", plan.KeyNorm!, parts[1], plan.KeyValueHeads), parts[2]);
    }

    /// <summary>
    /// Each head's RMSNorm. The channels of zeros that fill a head lower its mean square by size/padded, which gain and epsilon make up for.
    /// <code>(B, S, heads · paddedSize) ─ Reshape ─ (B, S, heads, paddedSize) ─ RMSNorm over the last axis ─ Reshape ─►</code>
    /// </summary>
    private string EmitHeadNorm(string path, NormPlan norm, string x, int heads)
    {
        double share = (double)norm.Channels / head.PaddedSize;
        string gain = graph.Weight(norm.Gain, [head.PaddedSize], () => head.PadRows([.. read(norm.Gain).Select(value => (float)(value * norm.Scale * Math.Sqrt(share)))], 1));
        string single = linear.Output($"{path}/input", x);
        string split = graph.Node($"{path}/split", "Reshape", [single, graph.Constant($"{path}/split_shape", 0, 0, heads, head.PaddedSize)]); // (B, S, heads, paddedSize)
        string normed = signature.Operators.RmsNorm(path, split, gain, norm.Epsilon * share);
        string joined = graph.Node($"{path}/join", "Reshape", [normed, graph.Constant($"{path}/join_shape", 0, 0, heads * head.PaddedSize)]);
        return Precision.Cast(graph, $"{path}/output", joined, DataType.Float, linear.Compute);
    }

    /// <summary><code>mixed (B, S, queries) ─ MatMul(o_proj, the branch's factor in its rows) ─ Add(bias) ─► (B, S, H)</code></summary>
    private string EmitOutput(string path, AttentionPlan plan, string mixed, int queries, BranchFactor factor)
    {
        // (H, heads * headSize), each head's columns padded.
        var weight = new LinearWeight($"{plan.Name}.o_proj.weight", hidden, queries, () => head.PadRows(factor.Apply(read($"{plan.Name}.o_proj.weight"), hidden, read), 1));
        string result = linear.Linear($"{path}/o_proj", LinearEmitter.Inner($"{path}/o_proj/input", mixed), weight);
        if (plan.OutputBias)
        {
            string bias = linear.Vector($"{plan.Name}.o_proj.bias", [hidden], () => factor.Apply(read($"{plan.Name}.o_proj.bias"), hidden, read));
            result = graph.Node($"{path}/o_proj", "Add", [result, bias]);
        }
        return linear.Output($"{path}/output", result);
    }
}
