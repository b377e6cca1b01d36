using Factory.Core;
using Factory.Core.Bundles;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Analysis;

/// <summary>A graph that reads whole sequences of equal length, without a cache, and gives float32 tensors. Several threads may use it at once.</summary>
public sealed class SequenceGraph : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();

    internal SequenceGraph(InferenceSession session) => _session = session;

    /// <summary>Opens a graph file with its weights beside it, unchecked: one that the caller has just written.</summary>
    /// <exception cref="UserError">ONNX Runtime refuses the graph.</exception>
    public static SequenceGraph Load(string path, RuntimeOptions options)
    {
        using SessionOptions session = SessionSettings.Create(options);
        // Few passes do not pay for packed copies, which are as large as the weights; without them those stay mapped from their file.
        session.AddSessionConfigEntry("session.disable_prepacking", "1");
        try
        {
            return new SequenceGraph(new InferenceSession(path, session));
        }
        catch (OnnxRuntimeException error)
        {
            throw new UserError($"{path}: expected a graph that ONNX Runtime runs, found: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <param name="rows">Token ids, shape (B, S).</param>
    /// <param name="logitRows">Which of the B * S tokens get logits; at least one.</param>
    /// <param name="gates">One number a block, 0 removes it; null where the graph has no such input.</param>
    /// <param name="outputs">Names of the outputs to give.</param>
    /// <returns>Each output's values, row-major, in the order of <paramref name="outputs"/>.</returns>
    public float[][] Run(IReadOnlyList<int[]> rows, long[] logitRows, float[]? gates, IReadOnlyList<string> outputs)
    {
        List<float[]> values = [];
        Run(rows, logitRows, gates, outputs, (_, found) => values.Add(found.ToArray()));
        return [.. values];
    }

    /// <param name="seen">Gets each output's name and values, row-major, in the order of <paramref name="outputs"/>; these are gone when it returns.</param>
    /// <inheritdoc cref="Run(IReadOnlyList{int[]}, long[], float[], IReadOnlyList{string})"/>
    public void Run(IReadOnlyList<int[]> rows, long[] logitRows, float[]? gates, IReadOnlyList<string> outputs, Action<string, ReadOnlySpan<float>> seen)
    {
        long[] ids = [.. rows.SelectMany(row => row).Select(id => (long)id)];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(ids, [rows.Count, rows[0].Length]);
        using OrtValue indices = OrtValue.CreateTensorValueFromMemory(logitRows, [logitRows.Length]);
        using OrtValue? gate = gates is null ? null : OrtValue.CreateTensorValueFromMemory(gates, [gates.Length]);
        List<string> names = [AnalysisNames.InputIds, AnalysisNames.LogitIndices];
        List<OrtValue> values = [input, indices];
        if (gate is not null)
        {
            names.Add(AnalysisNames.BlockGate);
            values.Add(gate);
        }
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_run, names, values, [.. outputs]);
        foreach ((int index, OrtValue result) in results.Index())
        {
            seen(outputs[index], result.GetTensorDataAsSpan<float>());
        }
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
