using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Runtime.Analysis;
using Factory.Runtime.Native;
using Microsoft.ML.OnnxRuntime;

namespace Factory.Runtime.Encoders;

/// <summary>An encoder's bundle in ONNX Runtime, on the CPU; each of its blocks can be removed. Several threads may use it at once.</summary>
public sealed class EncoderModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly bool _measured;

    private EncoderModel(EncoderBundle bundle, InferenceSession session, bool measured) => (Bundle, _session, _measured) = (bundle, session, measured);

    public EncoderBundle Bundle { get; }

    public int BlockCount => Bundle.Model.BlockCount;

    /// <summary>Opens a session on a graph that is made from bytes that were hashed.</summary>
    /// <param name="measured">Whether to open the graph that measures the residual stream, for <see cref="Measure"/>.</param>
    /// <exception cref="UserError">A file is not what the manifest lists, or ONNX Runtime refuses it.</exception>
    public static EncoderModel Load(EncoderBundle bundle, RuntimeOptions options, bool measured = false)
    {
        using SessionOptions session = SessionSettings.Create(options);
        using VerifiedFile graph = VerifiedFile.Read(bundle.Directory, bundle.Manifest, measured ? BundleFolder.AnalysisFile : BundleFolder.GraphFile);
        using VerifiedFile weights = VerifiedFile.Read(bundle.Directory, bundle.Manifest, BundleFolder.WeightsFile);
        ExternalWeights.Add(session, weights);
        try
        {
            return new EncoderModel(bundle, new InferenceSession(graph.ToArray(), session), measured);
        }
        catch (OnnxRuntimeException error)
        {
            throw new UserError($"{bundle.Directory}: expected a graph that ONNX Runtime runs, found: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>Start and end logits of each row.</summary>
    /// <param name="rows">Of any lengths up to the model's; shorter ones are padded.</param>
    /// <param name="removed">Blocks that are left out (output = input); the others stay as they are.</param>
    /// <exception cref="UserError">The model has another head, or a row does not fit it.</exception>
    public IReadOnlyList<AnswerLogits> Answers(IReadOnlyList<EncoderInput> rows, IReadOnlyCollection<int>? removed = null)
    {
        Require(BertHead.QuestionAnswering);
        float[][] found = Run(rows, [], removed, [EncoderNames.StartLogits, EncoderNames.EndLogits]);
        int time = rows.Max(row => row.Ids.Length);
        return [.. rows.Select((row, index) => new AnswerLogits(Part(found[0], index, row), Part(found[1], index, row)))];

        float[] Part(float[] values, int index, EncoderInput row) => values[(index * time)..((index * time) + row.Ids.Length)];
    }

    /// <summary>Logits over the vocabulary of some tokens of one row, (positions, vocabulary), row-major.</summary>
    /// <inheritdoc cref="Answers"/>
    public float[] Logits(EncoderInput row, IReadOnlyList<int> positions, IReadOnlyCollection<int>? removed = null)
    {
        Require(BertHead.MaskedLanguageModel);
        return Run([row], [.. positions.Select(position => (long)position)], removed, [EncoderNames.Logits])[0];
    }

    /// <summary>Measures the residual stream over rows of equal length.</summary>
    /// <inheritdoc cref="Answers"/>
    public BlockStatistics Measure(IReadOnlyList<EncoderInput> rows, IReadOnlyCollection<int>? removed = null)
    {
        if (!_measured || rows.Any(row => row.Ids.Length != rows[0].Ids.Length))
        {
            throw new InvalidOperationException("Expected the measured graph and rows of one length.");
        }
        float[][] found = Run(rows, [0], removed, BlockStatistics.Outputs);
        return BlockStatistics.From(rows.Count * rows[0].Ids.Length, rows.Count, found);
    }

    /// <summary>Replays the bundle's probe and refuses a model that is off.</summary>
    /// <param name="name">What to call the bundle in a message.</param>
    /// <exception cref="UserError">An output lies further from the probe than the bundle's manifest allows.</exception>
    public ProbeReport VerifyProbe(string name)
    {
        EncoderProbe probe = Bundle.Probe;
        EncoderInput[] rows = [.. probe.InputIds.Zip(probe.TokenTypes, (ids, types) => new EncoderInput(ids, types))];
        double worst = 0;
        for (int row = 0; row < rows.Length; row++)
        {
            float[] found = Bundle.Model.Head switch
            {
                BertHead.QuestionAnswering => Interleaved(Answers([rows[row]])[0], probe.Positions),
                BertHead.MaskedLanguageModel => Logits(rows[row], probe.Positions),
            };
            ReadOnlySpan<float> expected = probe.Outputs.AsSpan(row * found.Length, found.Length);
            for (int i = 0; i < found.Length; i++)
            {
                // Math.Max keeps a NaN.
                worst = Math.Max(worst, Math.Abs((double)expected[i] - found[i]));
            }
        }
        return ProbeVerifier.Require(new ProbeReport(worst / Math.Max(1, probe.Outputs.Max(Math.Abs)), Bundle.Tolerance, rows.Length, rows[0].Ids.Length), name);
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static float[] Interleaved(AnswerLogits logits, int[] positions) => [.. positions.SelectMany(position => new[] { logits.Start[position], logits.End[position] })];

    private void Require(BertHead head)
    {
        if (Bundle.Model.Head != head)
        {
            throw new UserError($"{Bundle.Directory}: expected a BERT with the head {head}, found one with {Bundle.Model.Head}.");
        }
    }

    private float[][] Run(IReadOnlyList<EncoderInput> rows, long[] logitRows, IReadOnlyCollection<int>? removed, IReadOnlyList<string> outputs)
    {
        Check(rows);
        int time = rows.Max(row => row.Ids.Length);
        long[] shape = [rows.Count, time];
        using OrtValue ids = OrtValue.CreateTensorValueFromMemory(Padded(row => row.Ids, Bundle.Model.PaddingTokenId), shape);
        using OrtValue types = OrtValue.CreateTensorValueFromMemory(Padded(row => row.TokenTypes, 0), shape);
        using OrtValue mask = OrtValue.CreateTensorValueFromMemory(Padded(row => [.. row.Ids.Select(_ => 1)], 0), shape);
        using OrtValue gate = OrtValue.CreateTensorValueFromMemory(AnalysisModel.Gates(BlockCount, removed, Bundle.Directory), [BlockCount]);
        using OrtValue indices = OrtValue.CreateTensorValueFromMemory(logitRows, [logitRows.Length]);
        List<string> names = [EncoderNames.InputIds, EncoderNames.TokenTypes, EncoderNames.AttentionMask, EncoderNames.BlockGate];
        List<OrtValue> values = [ids, types, mask, gate];
        if (Bundle.Model.Head == BertHead.MaskedLanguageModel)
        {
            names.Add(EncoderNames.LogitIndices);
            values.Add(indices);
        }
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_run, names, values, [.. outputs]);
        return [.. results.Select(result => result.GetTensorDataAsSpan<float>().ToArray())];

        long[] Padded(Func<EncoderInput, int[]> part, int filler) =>
            [.. rows.SelectMany(row => part(row).Select(value => (long)value).Concat(Enumerable.Repeat((long)filler, time - row.Ids.Length)))];
    }

    private void Check(IReadOnlyList<EncoderInput> rows)
    {
        BertArchitecture model = Bundle.Model;
        if (rows.Count == 0 || rows.Any(row => row.Ids.Length == 0 || row.Ids.Length > model.MaxPositions || row.TokenTypes.Length != row.Ids.Length))
        {
            throw new UserError($"{Bundle.Directory}: expected rows of 1 to {model.MaxPositions} tokens with a type each, found lengths {string.Join(", ", rows.Select(row => row.Ids.Length).Distinct())}.");
        }
        foreach (EncoderInput row in rows)
        {
            if (row.Ids.Any(id => id < 0 || id >= model.VocabularySize) || row.TokenTypes.Any(type => type < 0 || type >= model.TokenTypes))
            {
                throw new UserError($"{Bundle.Directory}: expected token ids below {model.VocabularySize} and token types below {model.TokenTypes}, found others.");
            }
        }
    }
}
