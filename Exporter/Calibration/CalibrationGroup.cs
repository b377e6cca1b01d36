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
        var sumOf = new Dictionary<string, float[]>();
        foreach (int[] sequence in sequences)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Sums are as large as a model's largest weights: no second copy of them.
            graph.Run([sequence], [0], null, outputs, (output, moments) =>
            {
                if (sumOf.TryGetValue(output, out float[]? sum))
                {
                    TensorPrimitives.Add(sum, moments, sum);
                }
                else
                {
                    sumOf.Add(output, moments.ToArray());
                }
            });
            sequenceDone();
        }
        return outputOf.ToDictionary(pair => pair.Key, pair => sumOf[pair.Value]);
    }
}
