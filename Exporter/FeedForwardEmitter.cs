using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Precisions;

namespace Factory.Exporter;

/// <summary>
/// A block's feed-forward network. B sequences, S new tokens, H hidden.
/// <code>
/// x ─┬─ gate_proj ─┬─ Sigmoid ─ Mul ─┐
///    │             └─────────────┘   ├─ Mul ─ down_proj ─►        (SwiGLU; GELU: x ─ up_proj ─ Gelu ─ down_proj ─►)
///    └─ up_proj ─────────────────────┘
/// </code>
/// </summary>
internal sealed class FeedForwardEmitter(GraphBuilder graph, LinearEmitter linear, int hidden, Func<string, float[]> read)
{
    /// <param name="x">(B, S, H)</param>
    /// <param name="factor">What the last map takes up.</param>
    /// <returns>(B, S, H)</returns>
    public string Emit(string path, FeedForwardPlan plan, string x, BranchFactor factor)
    {
        LayerInput input = linear.Input($"{path}/input", x);
        string inner = plan.Kind switch // (B, S, inner)
        {
            FeedForwardKind.SwiGLU => EmitSwiGLU(path, plan, input),
            FeedForwardKind.Gelu => graph.Node($"{path}/act_fn", "Gelu", [EmitLinear(path, plan, "up_proj", input, hidden, plan.InnerSize, null)]),
        };
        string output = EmitLinear(path, plan, "down_proj", LinearEmitter.Inner($"{path}/down_proj/input", inner), plan.InnerSize, hidden, factor);
        return linear.Output($"{path}/output", output);
    }

    private string EmitSwiGLU(string path, FeedForwardPlan plan, LayerInput x)
    {
        string gate = EmitLinear(path, plan, "gate_proj", x, hidden, plan.InnerSize, null);
        string up = EmitLinear(path, plan, "up_proj", x, hidden, plan.InnerSize, null);
        string sigmoid = graph.Node($"{path}/act_fn", "Sigmoid", [gate]);
        string swish = graph.Node($"{path}/act_fn", "Mul", [gate, sigmoid]);
        return graph.Node(path, "Mul", [swish, up]);
    }

    private string EmitLinear(string path, FeedForwardPlan plan, string map, LayerInput x, int inputs, int outputs, BranchFactor? factor)
    {
        string name = $"{plan.Name}.{map}";
        string product = linear.Linear($"{path}/{map}", x, new LinearWeight($"{name}.weight", outputs, inputs, () => Read($"{name}.weight")));
        return plan.Bias ? graph.Node($"{path}/{map}", "Add", [product, linear.Vector($"{name}.bias", [outputs], () => Read($"{name}.bias"))]) : product;

        float[] Read(string parameter) => factor?.Apply(read(parameter), outputs, read) ?? read(parameter);
    }
}
