using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;

namespace Factory.Exporter;

/// <summary>Norms as operators, their constant factors folded into gains, biases and epsilon.</summary>
internal sealed class NormEmitter(GraphBuilder graph, Func<string, float[]> read)
{
    /// <summary>The norm of x, (…, channels).</summary>
    /// <param name="factor">A branch's factor that the gain takes up, or null.</param>
    public string Emit(string path, NormPlan plan, string x, BranchFactor? factor = null)
    {
        NormPlan norm = Folding.InputScale(plan);
        AttributeProto epsilon = Attribute("epsilon", norm.Epsilon);
        string gain = Weight(norm.Gain, norm, factor);
        return norm.Kind switch
        {
            NormKind.RMSNorm => graph.Node(path, "SimplifiedLayerNormalization", [x, gain], "", Attribute("axis", -1), epsilon, Attribute("stash_type", 1)),
            NormKind.LayerNorm or NormKind.GroupNorm => EmitGroups(path, norm, x, gain, Weight(norm.Bias!, norm, factor), epsilon),
            NormKind.GroupNormOverTime => throw new InvalidOperationException($"{norm.Name} looks at later tokens; such a model is refused before its graph is built."),
        };
    }

    /// <summary>sum = x + branch and its RMSNorm, both (B, S, H), in one operator.</summary>
    public (string Normed, string Sum) EmitAddAndNorm(string path, NormPlan plan, string x, string branch)
    {
        const string op = "SkipSimplifiedLayerNormalization";
        NormPlan norm = Folding.InputScale(plan);
        string normed = $"{path}/{op}/output_0";
        string sum = $"{path}/{op}/output_3";
        graph.Node(path, op, [x, branch, Weight(norm.Gain, norm, null)], [normed, "", "", sum], MicrosoftDomain, Attribute("epsilon", norm.Epsilon));
        return (normed, sum);
    }

    /// <summary>
    /// (B, S, H) as (B, S, groups, H / groups): the RMSNorm of what differs from each group's mean, then gain and bias over H. ONNX Runtime's
    /// LayerNormalization takes the variance as a difference of squares, which costs digits where a group's mean is large.
    /// </summary>
    private string EmitGroups(string path, NormPlan norm, string x, string gain, string bias, AttributeProto epsilon)
    {
        int width = norm.Channels / norm.Groups;
        string split = graph.Node($"{path}/split", "Reshape", [x, graph.Constant($"{path}/split_shape", 0, 0, norm.Groups, width)]);
        string mean = graph.Node(path, "ReduceMean", [split, graph.Constant($"{path}/axes", -1)]);
        string centred = graph.Node(path, "Sub", [split, mean]);
        string ones = graph.Weight($"{norm.Name}.ones", [width], () => [.. Enumerable.Repeat(1f, width)]);
        string normed = graph.Node(path, "SimplifiedLayerNormalization", [centred, ones], "", Attribute("axis", -1), epsilon, Attribute("stash_type", 1));
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
