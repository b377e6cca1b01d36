using Factory.Exporter.Onnx;
using Factory.Exporter.Signatures;
using static Factory.Exporter.Onnx.GraphBuilder;

namespace Factory.Exporter.Encoders;

/// <summary>
/// ONNX Runtime's operators for tokens that see all others but padding:
/// <code>qkv ─ Split ─ q, k, v ─ MultiHeadAttention(mask) ─► mixed</code>
/// </summary>
internal sealed class EncoderOperators(GraphBuilder graph) : IOperators
{
    private readonly FusedOperators _fused = new(graph);

    public string RmsNorm(string path, string x, string gain, double epsilon) => _fused.RmsNorm(path, x, gain, epsilon);

    public (string Normed, string Sum) AddAndNorm(string path, string x, string branch, string gain, double epsilon) => _fused.AddAndNorm(path, x, branch, gain, epsilon);

    public string Attention(string path, GraphSignature signature, int block, AttentionShape shape, AttentionInputs inputs)
    {
        long width = shape.Heads * shape.HeadSize;
        string[] parts = [$"{path}/split/query", $"{path}/split/key", $"{path}/split/value"];
        graph.Node($"{path}/split", "Split", [inputs.Query, graph.Shared("/model/split_widths", width, width, width)], parts, "", Attribute("axis", -1));
        string mixed = $"{path}/MultiHeadAttention/output_0";
        // What is added to a padded key's score: its weight is then exactly 0, as with an infinity, but a row of padding alone stays finite.
        graph.Node(path, "MultiHeadAttention", [.. parts, "", signature.Mask(shape.Window)], [mixed], MicrosoftDomain,
            Attribute("num_heads", shape.Heads), Attribute("scale", shape.Scale), Attribute("mask_filter_value", float.MinValue / 2));
        return mixed;
    }
}
