using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;
using Factory.Exporter.Targets;

namespace Factory.Exporter.Calibration;

/// <summary>
/// What flows through the layers of the float32 model: each sequence runs once for each group of blocks, whose statistics fit the memory set aside for
/// them; ONNX Runtime forms the products.
/// </summary>
internal sealed class CalibrationRun
{
    /// <summary>Bytes of statistics that are gathered in one pass; a block that has more gets a pass of its own.</summary>
    private const long GroupBytes = 256 << 20;

    private readonly List<(string Path, Dictionary<string, string> OutputOf)> _graphs = [];

    /// <summary>Writes the graphs of all passes over weights that are, or will be, in the file.</summary>
    public static CalibrationRun Write(ExportContext context, ExternalData weights)
    {
        var run = new CalibrationRun();
        foreach (BlockPlan[] group in Groups(context.Plans))
        {
            CalibrationSignature? signature = null;
            string file = $"calibration-{group[0].Index}.onnx";
            GraphFile.Write(context with { BlockDone = _ => { } }, weights, file, (graph, cache) => signature = new CalibrationSignature(graph, cache), (_, weight, x) =>
            {
                if (group.Any(block => weight.Name.StartsWith($"{block.Prefix}.", StringComparison.Ordinal)))
                {
                    signature!.Watch(weight.Name, x, weight.Inputs);
                }
            });
            run._graphs.Add((context.PathOf(file), signature!.OutputOf));
        }
        return run;
    }

    /// <summary>The statistics over sequences of one length each; they are gathered when they are asked for, and the weights' file must stand until then.</summary>
    /// <param name="passDone">Called after each pass of a sequence with the number done and in all.</param>
    public LayerStatistics Statistics(IReadOnlyList<int[]> sequences, Action<int, int> passDone, CancellationToken cancellationToken)
    {
        int done = 0;
        return new LayerStatistics([.. _graphs.Select(graph => new CalibrationGroup(
            graph.Path, graph.OutputOf, sequences, () => passDone(++done, _graphs.Count * sequences.Count), cancellationToken))]);
    }

    private static IEnumerable<BlockPlan[]> Groups(IReadOnlyList<BlockPlan> plans)
    {
        long bytes = sizeof(float) * plans.Max(plan =>
            (2 * Square(plan.Attention.Input?.Channels ?? plan.SelfAttention.QueryWidth)) + Square(plan.SelfAttention.QueryWidth) + Square(plan.Mlp.InnerSize));
        return plans.Chunk((int)Math.Clamp(GroupBytes / bytes, 1, plans.Count));

        static long Square(long size) => size * size;
    }
}
