using Factory.Core.Architecture;
using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;
using Factory.Exporter.Targets;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Exporter.Calibration;

/// <summary>
/// Gathers what flows through the layers of the float32 model: each sequence runs once for each group of blocks, whose statistics fit the memory set
/// aside for them; ONNX Runtime forms the products.
/// </summary>
internal sealed class CalibrationRun
{
    /// <summary>Bytes of statistics that are gathered in one pass.</summary>
    private const long GroupBytes = 1L << 30;

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

    /// <summary>The statistics over sequences of one length each.</summary>
    /// <param name="passDone">Called after each pass of a sequence with the number done and in all.</param>
    public LayerStatistics Gather(IReadOnlyList<int[]> sequences, Action<int, int> passDone, CancellationToken cancellationToken)
    {
        var statistics = new LayerStatistics();
        int done = 0;
        foreach ((string path, Dictionary<string, string> outputOf) in _graphs)
        {
            using SequenceGraph graph = SequenceGraph.Load(path, new RuntimeOptions { Provider = ProviderChoice.Cpu });
            string[] outputs = [.. outputOf.Values.Distinct()];
            foreach (int[] sequence in sequences)
            {
                cancellationToken.ThrowIfCancellationRequested();
                float[][] moments = graph.Run([sequence], [0], null, outputs);
                for (int i = 0; i < outputs.Length; i++)
                {
                    statistics.Add(outputs[i], moments[i]);
                }
                passDone(++done, _graphs.Count * sequences.Count);
            }
            foreach ((string weight, string output) in outputOf)
            {
                statistics.Name(weight, output);
            }
        }
        return statistics;
    }

    private static IEnumerable<BlockPlan[]> Groups(IReadOnlyList<BlockPlan> plans)
    {
        long bytes = sizeof(float) * plans.Max(plan =>
            (2 * Square(plan.Attention.Input?.Channels ?? plan.SelfAttention.QueryWidth)) + Square(plan.SelfAttention.QueryWidth) + Square(plan.Mlp.InnerSize));
        return plans.Chunk((int)Math.Clamp(GroupBytes / bytes, 1, plans.Count));

        static long Square(long size) => size * size;
    }
}
