using System.Globalization;
using Factory.Exporter.Onnx;

namespace Factory.Exporter.Inspection;

/// <summary>One part of a graph: a block, or what stands outside of them.</summary>
/// <param name="Name">"layers.3", or "outside".</param>
/// <param name="Bytes">Of its weights as stored.</param>
/// <param name="Flops">Floating-point operations of its matrix products for one token: two for each weight. Attention itself, which grows with the context, is not counted.</param>
internal sealed record BlockSummary(string Name, int Nodes, long Bytes, long Flops)
{
    private static readonly HashSet<string> Products = ["MatMul", "Gemm", "MatMulIntegerToFloat", "MatMulNBits"];

    public static IReadOnlyList<BlockSummary> FromGraph(GraphProto graph)
    {
        Dictionary<string, TensorProto> weights = graph.Initializer.ToDictionary(tensor => tensor.Name);
        // A tied head reads the embedding through a Transpose.
        foreach (NodeProto node in graph.Node.Where(node => node.OpType == "Transpose" && weights.ContainsKey(node.Input[0])))
        {
            weights.Add(node.Output[0], weights[node.Input[0]]);
        }
        var parts = new Dictionary<string, (int Nodes, long Flops)>();
        foreach (NodeProto node in graph.Node)
        {
            (int nodes, long flops) = parts.GetValueOrDefault(PartOf(node.Name));
            parts[PartOf(node.Name)] = (nodes + 1, flops + FlopsOf(node, weights));
        }
        ILookup<string, TensorProto> byPart = graph.Initializer.ToLookup(tensor => PartOf(tensor.Name));
        return [.. parts.OrderBy(part => OrderOf(part.Key)).Select(part => new BlockSummary(part.Key, part.Value.Nodes, byPart[part.Key].Sum(BytesOf), part.Value.Flops))];
    }

    /// <summary>The block that a node ("/model/layers.3/…") or a weight ("model.layers.3.…") belongs to.</summary>
    public static string PartOf(string name)
    {
        const string word = "layers.";
        int start = name.IndexOf(word, StringComparison.Ordinal);
        if (start < 0)
        {
            return "outside";
        }
        int end = start + word.Length;
        while (end < name.Length && char.IsAsciiDigit(name[end]))
        {
            end++;
        }
        return name[start..end];
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name,-12} {Nodes,5} nodes {Bytes / 1e6,10:0.000} MB {Flops / 1e6,10:0.000} MFLOP a token");

    private static int OrderOf(string part) => part == "outside" ? int.MaxValue : int.Parse(part["layers.".Length..], CultureInfo.InvariantCulture);

    private static long FlopsOf(NodeProto node, Dictionary<string, TensorProto> weights) =>
        !Products.Contains(node.OpType) ? 0
        : node.OpType == "MatMulNBits" ? 2 * Attribute(node, "K") * Attribute(node, "N")
        : weights.TryGetValue(node.Input[1], out TensorProto? weight) ? 2 * weight.Dims.Aggregate(1L, (product, size) => product * size)
        : 0;

    private static long Attribute(NodeProto node, string name) => node.Attribute.Single(attribute => attribute.Name == name).I;

    private static long BytesOf(TensorProto tensor) =>
        tensor.ExternalData.FirstOrDefault(entry => entry.Key == "length") is StringStringEntryProto length ? long.Parse(length.Value, CultureInfo.InvariantCulture) : tensor.RawData.Length;
}
