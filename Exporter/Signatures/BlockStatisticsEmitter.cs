using Factory.Core.Bundles;
using Factory.Exporter.Onnx;
using static Factory.Exporter.Onnx.GraphBuilder;
using static Factory.Exporter.Onnx.TensorProto.Types;

namespace Factory.Exporter.Signatures;

/// <summary>
/// Statistics of the residual stream between blocks. Angles are 2·asin(|û - v̂| / 2), which stays exact where arccos of a cosine near 1 is noise:
/// <code>
/// x_0 … x_L, each (B, S, H) ─┬─ mean, mean of squares                                              ─► (L)
///                            └─ x/|x| ─ stack (L+1, B, S, H) ─ - û_i ─ |·|/2 ─ Clip ─ Asin ─ ·2/π ─► (L+1 - i - 1, B, S) ─ mean ─► row i
/// </code>
/// </summary>
/// <param name="states">The stream before the first block and after each.</param>
internal sealed class BlockStatisticsEmitter(GraphBuilder graph, IReadOnlyList<string> states)
{
    private const string Path = "/analysis";

    private int Blocks => states.Count - 1;

    /// <summary>Emits everything.</summary>
    /// <returns>Declares the outputs of <see cref="AnalysisNames"/>, once the graph has no more nodes to come.</returns>
    public Action Emit()
    {
        (string mean, string square, string variance) = Moments();
        (string distances, string last, string cosines) = Angles();
        return () =>
        {
            graph.OutputAs(AnalysisNames.Mean, mean, DataType.Float, Blocks);
            graph.OutputAs(AnalysisNames.MeanSquare, square, DataType.Float, Blocks);
            graph.OutputAs(AnalysisNames.Variance, variance, DataType.Float, Blocks);
            graph.OutputAs(AnalysisNames.Cosine, cosines, DataType.Float, Blocks);
            graph.OutputAs(AnalysisNames.AngularDistance, distances, DataType.Float, Blocks + 1, Blocks + 1);
            graph.OutputAs(AnalysisNames.AngularDistanceLastToken, last, DataType.Float, Blocks + 1, Blocks + 1);
        };
    }

    /// <returns>Each (L).</returns>
    private (string Mean, string MeanSquare, string Variance) Moments()
    {
        string[] means = [.. Enumerable.Range(1, Blocks).Select(i => One($"{Path}/x{i}/mean", "ReduceMean", states[i]))];
        string[] squares = [.. Enumerable.Range(1, Blocks).Select(i => One($"{Path}/x{i}/mean_square", "ReduceMean", graph.Node($"{Path}/x{i}/square", "Mul", [states[i], states[i]])))];
        string mean = graph.Node($"{Path}/mean", "Concat", means, "", Attribute("axis", 0));
        string square = graph.Node($"{Path}/mean_square", "Concat", squares, "", Attribute("axis", 0));
        string squaredMean = graph.Node($"{Path}/variance", "Mul", [mean, mean]);
        string variance = graph.Node($"{Path}/variance", "Sub", [square, squaredMean]);
        // What a node reads keeps its name, so outputs are copies.
        return (graph.Node($"{Path}/mean", "Identity", [mean]), graph.Node($"{Path}/mean_square", "Identity", [square]), variance);

        // Over every axis, as a vector of one.
        string One(string path, string op, string x) =>
            graph.Node(path, "Reshape", [graph.Node(path, op, [x], "", Attribute("keepdims", 1)), Constant("one_axis", 1)]);
    }

    /// <returns>Mean angular distances over all tokens and over last tokens, (L + 1, L + 1), and mean cosines of neighbours, (L).</returns>
    private (string Distances, string LastToken, string Cosines) Angles()
    {
        string[] unit = [.. states.Select((x, i) => Unsqueezed(i, Unit(i, x)))]; // each (1, B, S, H)
        string stack = graph.Node($"{Path}/unit", "Concat", unit, "", Attribute("axis", 0)); // (L + 1, B, S, H)
        List<string> rows = [];
        List<string> lastRows = [];
        List<string> cosines = [];
        for (int i = 0; i < Blocks; i++)
        {
            string path = $"{Path}/from{i}";
            string later = graph.Node(path, "Slice", [stack, Constant($"from{i}", i + 1), Constant("end", states.Count)]); // (n, B, S, H), n = L - i
            string chord = graph.Node(path, "Sub", [later, unit[i]]);
            string length = graph.Node(path, "ReduceL2", [chord, Constant("channels", -1)], "", Attribute("keepdims", 0)); // (n, B, S)
            string half = graph.Node($"{path}/half", "Mul", [length, graph.Scalar($"{Path}/half", 0.5f)]);
            string clamped = graph.Node(path, "Clip", [half, graph.Scalar($"{Path}/low", 0f), graph.Scalar($"{Path}/high", 1f)]);
            string angle = graph.Node(path, "Mul", [graph.Node(path, "Asin", [clamped]), graph.Scalar($"{Path}/two_over_pi", (float)(2 / Math.PI))]);
            rows.Add(Row(path, i, graph.Node(path, "ReduceMean", [angle, Constant("tokens", 1, 2)], "", Attribute("keepdims", 0))));
            string last = graph.Node($"{path}/last", "Gather", [angle, graph.Scalar($"{Path}/last", -1L)], "", Attribute("axis", 2)); // (n, B)
            lastRows.Add(Row($"{path}/last", i, graph.Node($"{path}/last", "ReduceMean", [last, Constant("rows", 1)], "", Attribute("keepdims", 0))));
            string product = graph.Node($"{path}/cosine", "Mul", [unit[i], unit[i + 1]]); // (1, B, S, H)
            string cosine = graph.Node($"{path}/cosine", "ReduceSum", [product, Constant("channels", -1)], "", Attribute("keepdims", 0)); // (1, B, S)
            cosines.Add(graph.Node($"{path}/cosine", "ReduceMean", [cosine, Constant("tokens", 1, 2)], "", Attribute("keepdims", 0))); // (1)
        }
        string bottom = graph.Node($"{Path}/bottom", "ConstantOfShape", [Constant("bottom", 1, states.Count)]); // zeros
        return (
            graph.Node($"{Path}/distances", "Concat", [.. rows, bottom], "", Attribute("axis", 0)),
            graph.Node($"{Path}/last", "Concat", [.. lastRows, bottom], "", Attribute("axis", 0)),
            graph.Node($"{Path}/cosines", "Concat", cosines, "", Attribute("axis", 0)));
    }

    /// <summary>Row i of a table: i + 1 zeros, then the n = L - i means; (1, L + 1).</summary>
    private string Row(string path, int i, string means)
    {
        string padded = graph.Node(path, "Pad", [means, Constant($"pad{i}", i + 1, 0)]);
        return graph.Node(path, "Unsqueeze", [padded, Constant("first", 0)]);
    }

    private string Unit(int i, string x)
    {
        string length = graph.Node($"{Path}/x{i}/unit", "ReduceL2", [x, Constant("channels", -1)], "", Attribute("keepdims", 1));
        string safe = graph.Node($"{Path}/x{i}/unit", "Max", [length, graph.Scalar($"{Path}/tiny", 1e-30f)]);
        return graph.Node($"{Path}/x{i}/unit", "Div", [x, safe]);
    }

    private string Unsqueezed(int i, string x) => graph.Node($"{Path}/x{i}/unit", "Unsqueeze", [x, Constant("first", 0)]);

    private string Constant(string name, params ReadOnlySpan<long> values) => graph.Shared($"{Path}/constants/{name}", values);
}
