using Factory.Core.Architecture;
using Factory.Exporter.Onnx;

namespace Factory.Exporter;

/// <summary>A block's feed-forward network. B sequences, S new tokens, H hidden.</summary>
internal sealed class FeedForwardEmitter(GraphBuilder graph, int hidden, Func<string, float[]> read)
{
    /// <param name="x">(B, S, H)</param>
    /// <param name="factor">What the last map takes up.</param>
    /// <returns>(B, S, H)</returns>
    public string Emit(string path, FeedForwardPlan plan, string x, BranchFactor factor)
    {
        string inner = plan.Kind switch // (B, S, inner)
        {
            FeedForwardKind.SwiGLU => EmitSwiGLU(path, plan, x),
            FeedForwardKind.Gelu => graph.Node($"{path}/act_fn", "Gelu", [EmitLinear(path, plan, "up_proj", x, hidden, plan.InnerSize, null)]),
        };
        return EmitLinear(path, plan, "down_proj", inner, plan.InnerSize, hidden, factor);
    }

    private string EmitSwiGLU(string path, FeedForwardPlan plan, string x)
    {
        string gate = EmitLinear(path, plan, "gate_proj", x, hidden, plan.InnerSize, null);
        string up = EmitLinear(path, plan, "up_proj", x, hidden, plan.InnerSize, null);
        string sigmoid = graph.Node($"{path}/act_fn", "Sigmoid", [gate]);
        string swish = graph.Node($"{path}/act_fn", "Mul", [gate, sigmoid]);
        return graph.Node(path, "Mul", [swish, up]);
    }

    private string EmitLinear(string path, FeedForwardPlan plan, string map, string x, int inputs, int outputs, BranchFactor? factor)
    {
        string name = $"{plan.Name}.{map}";
        string product = graph.Node($"{path}/{map}", "MatMul", [x, graph.Weight($"{name}.weight", [inputs, outputs], Folding.Pack(inputs, Read($"{name}.weight")))]);
        return plan.Bias ? graph.Node($"{path}/{map}", "Add", [product, graph.Weight($"{name}.bias", [outputs], Read($"{name}.bias"))]) : product;

        float[] Read(string parameter) => factor?.Apply(read(parameter), outputs, read) ?? read(parameter);
    }
}
