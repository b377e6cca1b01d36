using Factory.Core;
using Factory.Core.Bundles;
using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Factory.Runtime;

/// <summary>A bundle's scoring graph (<see cref="ScoringNames"/>) in a session of its own, on the CPU. Several threads may use it at once.</summary>
internal sealed class ScoringGraph : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string _name;
    private readonly LogitRows _logits;
    private readonly ChunkSize _chunks;

    private ScoringGraph(InferenceSession session, Bundle bundle, ChunkSize chunks, int threads)
    {
        (_session, _name, _chunks, Threads) = (session, bundle.Name, chunks, threads);
        _logits = new LogitRows(session.OutputMetadata[ScoringNames.Logits].ElementDataType, bundle.Architecture.VocabularySize);
    }

    /// <summary>Threads of one run.</summary>
    public int Threads { get; }

    /// <summary>Opens it; null where the bundle has none, or there is no memory for the weights once more.</summary>
    /// <param name="chunks">How long rows may be.</param>
    /// <exception cref="UserError">A file is not what the manifest lists, or ONNX Runtime refuses the graph.</exception>
    public static ScoringGraph? TryOpen(Bundle bundle, RuntimeOptions options, ChunkSize chunks)
    {
        if (!bundle.Manifest.Files.ContainsKey(BundleFolder.ScoringFile) || !LanguageModel.HasMemory(bundle, options))
        {
            return null;
        }
        int threads = SessionSettings.OperatorThreads(options, bundle.Manifest.Files[BundleFolder.WeightsFile].Length);
        using SessionOptions session = SessionSettings.Create(options, threads);
        using VerifiedFile graph = VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.ScoringFile);
        using VerifiedFile weights = VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.WeightsFile);
        ExternalWeights.Add(session, weights);
        try
        {
            return new ScoringGraph(new InferenceSession(graph.ToArray(), session), bundle, chunks, threads);
        }
        catch (Exception error) when (InsufficientMemoryError.Names(error))
        {
            return null;
        }
        catch (OnnxRuntimeException error)
        {
            throw new UserError($"{bundle.Directory}: expected a scoring graph that ONNX Runtime runs, found: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>One run.</summary>
    /// <param name="logitRows">Which tokens get logits, shape (n), n at least one.</param>
    /// <param name="logits">Receives them, shape (n, vocabulary).</param>
    /// <exception cref="InsufficientMemoryError">The activations do not fit the memory.</exception>
    public void Forward(SharedRows rows, long[] logitRows, Memory<float> logits)
    {
        int time = _chunks.Padded(rows.Longest);
        long[] tokens = rows.Tokens();
        using OrtValue idValue = OrtValue.CreateTensorValueFromMemory(tokens, [1, tokens.Length]);
        using OrtValue rowValue = OrtValue.CreateTensorValueFromMemory(rows.RowTokens(time), [rows.Count, time]);
        using OrtValue placeValue = OrtValue.CreateTensorValueFromMemory(rows.TokenPlaces(time), [1, tokens.Length]);
        using OrtValue lastValue = OrtValue.CreateTensorValueFromMemory(rows.LastPositions(), [rows.Count]);
        using OrtValue timeValue = OrtValue.CreateTensorValueFromMemory(new[] { time }, []);
        using OrtValue logitValue = OrtValue.CreateTensorValueFromMemory(logitRows, [logitRows.Length]);
        using OrtValue output = _logits.Output(logitRows.Length, logits);
        using OrtIoBinding binding = _session.CreateIoBinding();
        binding.BindInput(ScoringNames.InputIds, idValue);
        binding.BindInput(ScoringNames.RowTokens, rowValue);
        binding.BindInput(ScoringNames.TokenPlaces, placeValue);
        binding.BindInput(ScoringNames.LastPositions, lastValue);
        binding.BindInput(ScoringNames.TotalLength, timeValue);
        binding.BindInput(ScoringNames.LogitIndices, logitValue);
        binding.BindOutput(ScoringNames.Logits, output);
        BoundRun.Run(_session, _run, binding, _name, tokens.Length);
        _logits.Read(output, logits.Span);
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
