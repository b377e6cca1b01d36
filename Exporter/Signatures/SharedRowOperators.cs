using Factory.Core.Bundles;
using Factory.Exporter.Onnx;

namespace Factory.Exporter.Signatures;

/// <summary>
/// Attention over rows that are put together from the run's tokens, so that a beginning which rows share goes through all products once:
/// <code>
/// q, k, v of T tokens ─ Gather row_tokens ─► (B, S, …) ─ attention ─ Gather token_places ─► (1, T, …)
/// </code>
/// </summary>
internal sealed class SharedRowOperators(GraphBuilder graph, IOperators operators) : IOperators
{
    public string RmsNorm(string path, string x, string gain, double epsilon) => operators.RmsNorm(path, x, gain, epsilon);

    public (string Normed, string Sum) AddAndNorm(string path, string x, string branch, string gain, double epsilon) => operators.AddAndNorm(path, x, branch, gain, epsilon);

    public string Attention(string path, GraphSignature signature, int block, AttentionShape shape, AttentionInputs inputs)
    {
        int queries = shape.Heads * shape.HeadSize;
        int keys = shape.KeyValueHeads * shape.HeadSize;
        AttentionInputs rows = inputs.Key.Length == 0
            ? inputs with { Query = Rows("qkv", inputs.Query, queries + (2 * keys)) }
            : inputs with { Query = Rows("query", inputs.Query, queries), Key = Rows("key", inputs.Key, keys), Value = Rows("value", inputs.Value, keys) };
        return Pick($"{path}/tokens", operators.Attention(path, signature, block, shape, rows), queries, ScoringNames.TokenPlaces);

        string Rows(string name, string x, int width) => Pick($"{path}/rows/{name}", x, width, ScoringNames.RowTokens);
    }

    /// <param name="x">(…, width).</param>
    /// <param name="which">int64 indices into all of x's rows, of any shape.</param>
    /// <returns>The shape of the indices, width.</returns>
    private string Pick(string path, string x, int width, string which)
    {
        string flat = graph.Node(path, "Reshape", [x, graph.Constant($"{path}/flat_shape", -1, width)]);
        return graph.Node(path, "Gather", [flat, which]);
    }
}
