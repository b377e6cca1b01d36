using System.Numerics.Tensors;
using Factory.Exporter.Quantization;
using Factory.Runtime;
using Factory.Runtime.Analysis;

namespace Factory.Exporter.Calibration;

/// <summary>Some blocks' weights, with the graph that gives the sums for them.</summary>
/// <param name="path">The graph.</param>
/// <param name="outputOf">Its output for each weight.</param>
/// <param name="sequences">What the model reads.</param>
/// <param name="sequenceDone">Called after each sequence.</param>
internal sealed class CalibrationGroup(
    string path, IReadOnlyDictionary<string, string> outputOf, IReadOnlyList<int[]> sequences, Action sequenceDone, CancellationToken cancellationToken) : ILayerGroup
{
    public bool Has(string weight) => outputOf.ContainsKey(weight);

    public IReadOnlyDictionary<string, float[]> Gather()
    {
        using SequenceGraph graph = SequenceGraph.Load(path, new RuntimeOptions { Provider = ProviderChoice.Cpu });
        string[] outputs = [.. outputOf.Values.Distinct()];
        float[][]? sums = null;
        foreach (int[] sequence in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            float[][] moments = graph.Run([sequence], [0], null, outputs);
            sums ??= moments;
            if (sums != moments)
            {
                for (int i = 0; i < outputs.Length; i++)
                {
                    TensorPrimitives.Add(sums[i], moments[i], sums[i]);
                }
            }
            sequenceDone();
        }
        Dictionary<string, float[]> sumOf = outputs.Zip(sums ?? throw new InvalidOperationException("There is no sequence to calibrate on.")).ToDictionary();
        return outputOf.ToDictionary(pair => pair.Key, pair => sumOf[pair.Value]);
    }
}
