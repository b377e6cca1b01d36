using Factory.Core;
using Factory.Core.Bundles;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime;

/// <summary>
/// A graph with the signature of Hugging Face's exports (<see cref="PortableNames"/>), driven as onnxruntime-genai, transformers.js and Optimum drive
/// it: an empty cache first, then the present keys and values of one run as the past of the next. For checks; it copies the cache at every step.
/// </summary>
public sealed class PortableModel : IProbedModel
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string[] _pastNames;
    private readonly string[] _outputs;

    private PortableModel(InferenceSession session)
    {
        _session = session;
        _pastNames = [.. session.InputNames.Where(name => name.StartsWith("past_key_values.", StringComparison.Ordinal))];
        _outputs = [GraphNames.Logits, .. _pastNames.Select(name => name.Replace("past_key_values.", "present.", StringComparison.Ordinal))];
    }

    /// <summary>Opens a graph file with its weights beside it, on the CPU.</summary>
    /// <exception cref="UserError">ONNX Runtime refuses the graph.</exception>
    public static PortableModel Load(string path)
    {
        using SessionOptions session = SessionSettings.Create(new RuntimeOptions { Provider = ProviderChoice.Cpu });
        try
        {
            return new PortableModel(new InferenceSession(path, session));
        }
        catch (OnnxRuntimeException error)
        {
            throw new UserError($"{path}: expected a graph that ONNX Runtime runs, found: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    public float[] Logits(int[] ids)
    {
        using IDisposableReadOnlyCollection<OrtValue> results = Run(ids, 0, EmptyCache());
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public float[] DecodeLast(int[] ids)
    {
        using IDisposableReadOnlyCollection<OrtValue> first = Run(ids[..^1], 0, EmptyCache());
        using IDisposableReadOnlyCollection<OrtValue> second = Run(ids[^1..], ids.Length - 1, [.. first.Skip(1)]);
        return second[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    /// <param name="past">Tokens in the cache.</param>
    /// <param name="cache">One value for each of the past inputs; disposed by this method only where it is empty.</param>
    private IDisposableReadOnlyCollection<OrtValue> Run(int[] ids, int past, IReadOnlyList<OrtValue> cache)
    {
        long[] positions = [.. Enumerable.Range(past, ids.Length).Select(position => (long)position)];
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(ids, id => (long)id), [1, ids.Length]);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, past + ids.Length).ToArray(), [1, past + ids.Length]);
        using OrtValue position = OrtValue.CreateTensorValueFromMemory(positions, [1, ids.Length]);
        List<string> names = [GraphNames.InputIds, PortableNames.AttentionMask, .. _pastNames];
        List<OrtValue> values = [input, mask, .. cache];
        if (_session.InputNames.Contains(PortableNames.PositionIds))
        {
            names.Add(PortableNames.PositionIds);
            values.Add(position);
        }
        try
        {
            return _session.Run(_run, names, values, _outputs);
        }
        finally
        {
            if (past == 0)
            {
                foreach (OrtValue value in cache)
                {
                    value.Dispose();
                }
            }
        }
    }

    private OrtValue[] EmptyCache() => [.. _pastNames.Select(name =>
    {
        NodeMetadata past = _session.InputMetadata[name];
        // (batch, keyValueHeads, tokens, headSize)
        return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.ElementDataType, [1, past.Dimensions[1], 0, past.Dimensions[3]]);
    })];
}
