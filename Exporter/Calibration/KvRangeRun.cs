using System.Numerics.Tensors;
using Factory.Exporter.Onnx;
using Factory.Exporter.Quantization;
using Factory.Exporter.Targets;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Exporter.Calibration;

/// <summary>Finds the scales of an int8 cache: the largest keys and values of the float32 model on a text.</summary>
internal sealed class KvRangeRun
{
    private const string File = "kv_range.onnx";

    private readonly string _path;
    private readonly string[] _keys;
    private readonly string[] _values;

    private KvRangeRun(string path, int blocks)
    {
        _path = path;
        _keys = [.. Enumerable.Range(0, blocks).Select(KvRangeSignature.KeyRange)];
        _values = [.. Enumerable.Range(0, blocks).Select(KvRangeSignature.ValueRange)];
    }

    /// <summary>Writes the graph over weights that are, or will be, in the file.</summary>
    public static KvRangeRun Write(ExportContext context, ExternalData weights)
    {
        GraphFile.Write(context with { BlockDone = _ => { } }, weights, File, (graph, cache) => new KvRangeSignature(graph, cache));
        return new KvRangeRun(context.PathOf(File), context.Architecture.BlockCount);
    }

    /// <summary>The scales that hold everything in <paramref name="sequences"/>.</summary>
    public KvScales Measure(IReadOnlyList<int[]> sequences, CancellationToken cancellationToken)
    {
        using SequenceGraph graph = SequenceGraph.Load(_path, new RuntimeOptions { Provider = ProviderChoice.Cpu });
        float[][]? largest = null;
        foreach (int[] sequence in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[][] found = graph.Run([sequence], [0], null, [.. _keys, .. _values]);
            largest ??= found;
            for (int i = 0; i < found.Length; i++)
            {
                TensorPrimitives.Max(largest[i], found[i], largest[i]);
            }
        }
        float[][] scales = Array.ConvertAll(largest ?? throw new ArgumentException("No sequence.", nameof(sequences)), KvScales.FromLargest);
        return new KvScales(scales[.._keys.Length], scales[_keys.Length..]);
    }
}
