using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Signatures;

namespace Factory.Exporter;

/// <summary>
/// Norms as operators, their constant factors folded into gains, biases and epsilon.
/// <code>
/// RMSNorm                x ─ RmsNorm(gain) ─►
/// LayerNorm, GroupNorm   x ─ Reshape ─┬─ ReduceMean ─┐
///                                     └──────────────┴─ Sub ─ RmsNorm(ones) ─ Reshape ─ Mul(gain) ─ Add(bias) ─►
/// </code>
/// </summary>
internal sealed class NormEmitter(GraphBuilder graph, IOperators operators, Func<string, float[]> read)
{
    /// <summary>The norm of x, (…, channels).</summary>
    /// <param name="factor">A branch's factor that the gain takes up, or null.</param>
    public string Emit(string path, NormPlan plan, string x, BranchFactor? factor = null)
    {
        NormPlan norm = Folding.InputScale(plan);
        string gain = Weight(norm.Gain, norm, factor);
        return norm.Kind switch
        {
            NormKind.RMSNorm => operators.RmsNorm(path, x, gain, norm.Epsilon),
            NormKind.LayerNorm or NormKind.GroupNorm => EmitGroups(path, norm, x, gain, Weight(norm.Bias!, norm, factor)),
            NormKind.GroupNormOverTime => throw new InvalidOperationException($"{norm.Name} looks at later tokens; such a model is refused before its graph is built."),
        };
    }

    /// <summary>sum = x + branch and its RMSNorm, both (B, S, H), in one operator.</summary>
    public (string Normed, string Sum) EmitAddAndNorm(string path, NormPlan plan, string x, string branch)
    {
        NormPlan norm = Folding.InputScale(plan);
        return operators.AddAndNorm(path, x, branch, Weight(norm.Gain, norm, null), norm.Epsilon);
    }

    /// <summary>
    /// (B, S, H) as (B, S, groups, H / groups): the RMSNorm of what differs from each group's mean, then gain and bias over H. ONNX Runtime's
    /// LayerNormalization takes the variance as a difference of squares, which costs digits where a group's mean is large.
    /// </summary>
    private string EmitGroups(string path, NormPlan norm, string x, string gain, string bias)
    {
        int width = norm.Channels / norm.Groups;
        string split = graph.Node($"{path}/split", "Reshape", [x, graph.Constant($"{path}/split_shape", 0, 0, norm.Groups, width)]);
        string mean = graph.Node(path, "ReduceMean", [split, graph.Constant($"{path}/axes", -1)]);
        string centred = graph.Node(path, "Sub", [split, mean]);
        string ones = graph.Weight($"{norm.Name}.ones", [width], () => [.. Enumerable.Repeat(1f, width)]);
        string normed = operators.RmsNorm(path, centred, ones, norm.Epsilon);
        string joined = graph.Node($"{path}/join", "Reshape", [normed, graph.Constant($"{path}/join_shape", 0, 0, norm.Channels)]);
        return graph.Node(path, "Add", [graph.Node(path, "Mul", [joined, gain]), bias]);
    }

    private string Weight(string parameter, NormPlan norm, BranchFactor? factor)
    {
        return graph.Weight(parameter, [norm.Channels], Values);

        float[] Values()
        {
            float[] values = Folding.Scale(read(parameter), norm);
            return factor?.Apply(values, norm.Channels, read) ?? values;
        }
    }
}
