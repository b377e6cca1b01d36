using Factory.Core;
using Factory.Core.Bundles;
using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Analysis;

/// <summary>
/// A bundle's analysis.onnx: the served model, over the same weights, whose blocks can be removed one by one and whose residual stream is measured.
/// Runs on the CPU. Several threads may use it at once.
/// </summary>
public sealed class AnalysisModel : IDisposable
{
    private readonly SequenceGraph _graph;

    private AnalysisModel(Bundle bundle, SequenceGraph graph)
    {
        Bundle = bundle;
        _graph = graph;
    }

    public Bundle Bundle { get; }

    public int BlockCount => Bundle.Architecture.BlockCount;

    /// <summary>Opens a session on the bundle's analysis graph, which is made from bytes that were hashed.</summary>
    /// <exception cref="UserError">The bundle has none (it was written before there were any, or in bf16), a file is not what the manifest lists, or ONNX Runtime refuses it.</exception>
    public static AnalysisModel Load(Bundle bundle, RuntimeOptions options)
    {
        if (!bundle.Manifest.Files.ContainsKey(BundleFolder.AnalysisFile))
        {
            throw new UserError($"{bundle.Directory}: expected '{BundleFolder.AnalysisFile}' among the files of the bundle, found none. Export the checkpoint again (bf16 bundles have none).");
        }
        using SessionOptions session = SessionSettings.Create(options);
        using VerifiedFile graph = VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.AnalysisFile);
        using VerifiedFile weights = VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.WeightsFile);
        ExternalWeights.Add(session, weights);
        try
        {
            return new AnalysisModel(bundle, new SequenceGraph(new InferenceSession(graph.ToArray(), session)));
        }
        catch (OnnxRuntimeException error)
        {
            throw new UserError($"{bundle.Directory}: expected an analysis graph that ONNX Runtime runs, found: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Measures the residual stream over sequences of equal length.</summary>
    /// <param name="rows">Token ids, shape (sequences, time).</param>
    /// <param name="removed">Blocks that are left out (output = input); the others stay as they are.</param>
    /// <exception cref="UserError">The rows are empty, of unequal length, too long, or hold ids outside the vocabulary.</exception>
    public BlockStatistics Measure(IReadOnlyList<int[]> rows, IReadOnlyCollection<int>? removed = null)
    {
        Check(rows);
        return BlockStatistics.From(rows.Count * rows[0].Length, rows.Count, _graph.Run(rows, [0], Gates(removed), BlockStatistics.Outputs));
    }

    /// <summary>Logits of positions <paramref name="from"/> and later of one sequence, shape (time - from, vocabulary), row-major.</summary>
    /// <param name="removed">Blocks that are left out.</param>
    /// <inheritdoc cref="Measure"/>
    public float[] Logits(IReadOnlyList<int> ids, int from, IReadOnlyCollection<int>? removed = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(from, Math.Max(1, ids.Count));
        int[][] rows = [[.. ids]];
        Check(rows);
        return _graph.Run(rows, [.. Enumerable.Range(from, ids.Count - from).Select(row => (long)row)], Gates(removed), [AnalysisNames.Logits])[0];
    }

    public void Dispose() => _graph.Dispose();

    /// <summary>One number a block, 0 for those that are removed.</summary>
    /// <param name="directory">The bundle, for the message.</param>
    /// <exception cref="UserError">There is no such block.</exception>
    internal static float[] Gates(int blocks, IReadOnlyCollection<int>? removed, string directory)
    {
        if (removed?.Any(block => block < 0 || block >= blocks) == true)
        {
            throw new UserError($"{directory}: expected blocks from 0 to {blocks - 1} to remove, found {removed.First(block => block < 0 || block >= blocks)}.");
        }
        return [.. Enumerable.Range(0, blocks).Select(block => removed?.Contains(block) == true ? 0f : 1f)];
    }

    private float[] Gates(IReadOnlyCollection<int>? removed) => Gates(BlockCount, removed, Bundle.Directory);

    private void Check(IReadOnlyList<int[]> rows)
    {
        int window = Bundle.Architecture.MaxPositions;
        int vocabulary = Bundle.Architecture.VocabularySize;
        if (rows.Count == 0 || rows[0].Length == 0 || rows[0].Length > window || rows.Any(row => row.Length != rows[0].Length))
        {
            throw new UserError($"{Bundle.Directory}: expected sequences of one length from 1 to {window} tokens, found lengths {string.Join(", ", rows.Select(row => row.Length).Distinct())}.");
        }
        foreach (int id in rows.SelectMany(row => row))
        {
            if (id < 0 || id >= vocabulary)
            {
                throw new UserError($"{Bundle.Directory}: expected token ids from 0 to {vocabulary - 1}, found {id}.");
            }
        }
    }
}
