using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Safetensors;
using Factory.Exporter.Precisions;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Exporter.Tests;

/// <summary>The exported graph computes what was trained: for golden models of others, and for every scheme in every shape.</summary>
public sealed class ParityTests : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, int, bool> SchemesAndShapes => [.. NormSchemes.Names.Where(name => name != "group-as-run").SelectMany(scheme =>
        new (string, int, bool)[] { (scheme, 4, false), (scheme, 2, false), (scheme, 1, true) })];

    [Theory]
    [MemberData(nameof(MethodFolders.Causal), MemberType = typeof(MethodFolders))]
    public void A_bundle_of_a_golden_method_gives_its_logits(string method)
    {
        string folder = GoldenData.At("method_golden", method);
        using LanguageModel model = TestBundle.Load(_folder, TestCheckpoint.FromFolder(folder));
        using SafetensorsReader expected = SafetensorsReader.Open(Path.Combine(folder, "expected.safetensors"));
        int[][] sequences = [.. expected.Read<long>("input_ids", ElementType.Int64).Select(id => (int)id).Chunk(20)];
        float[] logits = [.. sequences.SelectMany(ids => model.Logits(ids))];
        Assert.InRange(expected.Read<double>("logits", ElementType.Float64).Zip(logits, (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);
    }

    [Theory]
    [MemberData(nameof(HfFolders.Decoders), MemberType = typeof(HfFolders))]
    public void A_bundle_of_a_Hugging_Face_model_gives_its_logits_and_greedy_tokens(string name)
    {
        HfGolden golden = HfGolden.Read(name);
        using LanguageModel model = TestBundle.Load(_folder, golden.Checkpoint);
        int vocabulary = golden.Checkpoint.Architecture.VocabularySize;
        Assert.InRange(golden.Difference(ids => [.. model.Logits(ids).Select(logit => (double)logit).Chunk(vocabulary)]), 0, Tolerance);

        using KvCache cache = model.NewCache(golden.GreedyPrompt.Length + golden.GreedyTokens.Length);
        var sampler = new Sampler(new SamplingOptions());
        List<int> tokens = [sampler.Next(model.Append(cache, golden.GreedyPrompt))];
        while (tokens.Count < golden.GreedyTokens.Length)
        {
            tokens.Add(sampler.Next(model.Append(cache, [tokens[^1]])));
        }
        Assert.Equal(golden.GreedyTokens, tokens);

        var scorer = new Scorer(model);
        Assert.All(golden.InputIds.Zip(golden.LogLikelihoods), pair =>
            Assert.Equal(pair.Second, scorer.Score(pair.First[..1], pair.First[1..]).Value, 1e-3));
    }

    [Theory]
    [MemberData(nameof(HfFolders.OddShapes), MemberType = typeof(HfFolders))]
    public void A_bundle_of_an_odd_shape_gives_its_logits_whole_and_token_by_token(string name)
    {
        string folder = GoldenData.At("hf_families", name);
        using LanguageModel model = TestBundle.Load(_folder, TestCheckpoint.FromFolder(folder));
        using SafetensorsReader expected = SafetensorsReader.Open(Path.Combine(folder, "expected.safetensors"));
        int time = (int)expected.Entry("input_ids").Shape[1];
        int vocabulary = (int)expected.Entry("logits").Shape[2];
        int[] ids = [.. expected.Read<long>("input_ids", ElementType.Int64).Take(time).Select(id => (int)id)];
        float[] logits = expected.ReadSingles("logits");
        Assert.InRange(logits.Zip(model.Logits(ids), (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);
        using KvCache cache = model.NewCache(time);
        for (int i = 0; i < time; i++)
        {
            float[] row = [.. model.Append(cache, [ids[i]])];
            Assert.InRange(logits.AsSpan(i * vocabulary, vocabulary).ToArray().Zip(row, (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(SchemesAndShapes))]
    public void Every_scheme_computes_the_reference_in_every_shape(string scheme, int keyValueHeads, bool tied)
    {
        LlamaArchitecture architecture = TestModel.Tiny with { NormScheme = NormSchemes.Named(scheme), KeyValueHeads = keyValueHeads, TieEmbeddings = tied };
        if (scheme == "group")
        {
            architecture = architecture with { NormGroups = 4 };
        }
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        using LanguageModel model = TestBundle.Load(_folder, checkpoint);
        int[] ids = [.. Enumerable.Range(0, architecture.MaxPositions).Select(i => i * 7 % architecture.VocabularySize)];
        double[] expected = [.. checkpoint.Reference.Logits(ids).SelectMany(row => row)];
        Assert.InRange(expected.Zip(model.Logits(ids), (a, b) => Math.Abs(a - b)).Max(), 0, Tolerance);
        Assert.InRange(ProbeVerifier.Replay(model).Difference, 0, Tolerance);
    }

    [Theory]
    [MemberData(nameof(SchemesAndShapes))]
    public void Every_scheme_passes_in_fp16_and_in_int8_prefilled_and_step_by_step(string scheme, int keyValueHeads, bool tied)
    {
        LlamaArchitecture architecture = TestModel.Tiny with { NormScheme = NormSchemes.Named(scheme), KeyValueHeads = keyValueHeads, TieEmbeddings = tied, NormGroups = scheme == "group" ? 4 : null };
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        int[] ids = [.. Enumerable.Range(0, architecture.MaxPositions).Select(i => i * 7 % architecture.VocabularySize)];
        double[] expected = [.. checkpoint.Reference.Logits(ids).SelectMany(row => row)];
        double largest = Math.Max(1, expected.Max(Math.Abs));
        foreach ((string precision, double limit) in new[] { ("fp16", 2e-2), ("int8", 0.2) })
        {
            using LanguageModel model = TestBundle.Load(_folder, checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) });
            Assert.InRange(expected.Zip(model.Logits(ids), (a, b) => Math.Abs(a - b)).Max() / largest, 0, limit);
            using KvCache cache = model.NewCache(ids.Length);
            float[] steps = [.. ids.SelectMany(id => model.Append(cache, [id]))];
            Assert.InRange(expected.Zip(steps, (a, b) => Math.Abs(a - b)).Max() / largest, 0, limit);
        }
    }

    [Theory]
    [MemberData(nameof(SchemesAndShapes))]
    public async Task Every_scheme_decodes_rows_of_different_lengths_together(string scheme, int keyValueHeads, bool tied)
    {
        LlamaArchitecture architecture = TestModel.Tiny with { NormScheme = NormSchemes.Named(scheme), KeyValueHeads = keyValueHeads, TieEmbeddings = tied, NormGroups = scheme == "group" ? 4 : null };
        TestCheckpoint checkpoint = TestCheckpoint.Random(architecture);
        int[][] prompts = [[5], [60, 7, 8, 9], [31, 2, 3, 44, 5, 16, 7]];
        foreach ((string precision, double limit) in new[] { ("fp32", Tolerance), ("fp16", 2e-2) })
        {
            using LanguageModel model = TestBundle.Load(_folder, checkpoint, options: new ExportOptions { Precision = new PrecisionPlan(PrecisionCatalog.Named(precision)) });
            using var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = prompts.Length });
            (int[] Ids, float[] LogLikelihoods)[] rows = await Task.WhenAll(prompts.Select(prompt => ContinueAsync(engine, prompt)));
            foreach ((int[] ids, float[] logLikelihoods) in rows)
            {
                double[][] logits = checkpoint.Reference.Logits(ids); // (time)(vocabulary)
                double largest = Math.Max(1, logits.Max(row => row.Max(Math.Abs)));
                for (int i = 0; i < logLikelihoods.Length; i++)
                {
                    int position = ids.Length - logLikelihoods.Length + i;
                    double[] row = logits[position - 1];
                    double expected = row[ids[position]] - Math.Log(row.Sum(Math.Exp));
                    // A logit and the normaliser may each be off by the limit.
                    Assert.InRange(Math.Abs(expected - logLikelihoods[i]) / largest, 0, 2 * limit);
                }
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <returns>The prompt with six greedy tokens, and those tokens' log-likelihoods.</returns>
    private static async Task<(int[] Ids, float[] LogLikelihoods)> ContinueAsync(InferenceEngine engine, int[] prompt)
    {
        List<int> ids = [.. prompt];
        List<float> logLikelihoods = [];
        await foreach (TokenDelta token in engine.SubmitAsync(new InferenceRequest { PromptIds = prompt, MaxNewTokens = 6, LogProbabilities = 0 }))
        {
            ids.Add(token.TokenId);
            logLikelihoods.Add(token.LogProbability!.Value);
        }
        return ([.. ids], [.. logLikelihoods]);
    }
}
