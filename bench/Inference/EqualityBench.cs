using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.Bench.Inference;

/// <summary>Whether a request gets the same in company as alone, to the last bit of its log-probabilities: a bundle's kernels decide that.</summary>
internal static class EqualityBench
{
    public static Command Create()
    {
        Option<int> requests = CheckedOption.Whole("--requests", "Requests at once, of mixed lengths and samplers.", 64, least: 2, most: 10_000);
        Option<int> slots = CheckedOption.Whole("--slots", "Sequences decoded together.", 32, least: 2, most: 1024);
        var command = new Command("equality", "Compares many requests at once with each of them alone.") { requests, slots };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using LanguageModel model = BenchModel.Load(parsed, Console.WriteLine);
            InferenceRequest[] asked = [.. Enumerable.Range(0, parsed.GetValue(requests)).Select(i => Request(i, model.Bundle.Architecture.VocabularySize))];
            List<TokenDelta>[] together;
            using (var engine = new InferenceEngine(model, new EngineOptions { MaxSequences = parsed.GetValue(slots), MaxSequenceTokens = 256 }))
            {
                together = await Task.WhenAll(asked.Select(request => CollectAsync(engine, request, cancellationToken))).ConfigureAwait(false);
            }
            using var single = new InferenceEngine(model, new EngineOptions { MaxSequences = 1, MaxSequenceTokens = 256, PrefixCache = false });
            int tokens = 0, bits = 0;
            double largest = 0;
            for (int i = 0; i < asked.Length; i++)
            {
                List<TokenDelta> alone = await CollectAsync(single, asked[i], cancellationToken).ConfigureAwait(false);
                tokens += alone.Select(delta => delta.TokenId).SequenceEqual(together[i].Select(delta => delta.TokenId)) ? 0 : 1;
                bits += alone.Select(delta => delta.LogProbability).SequenceEqual(together[i].Select(delta => delta.LogProbability)) ? 0 : 1;
                largest = Math.Max(largest, alone.Zip(together[i]).TakeWhile(pair => pair.First.TokenId == pair.Second.TokenId).Select(pair => Math.Abs(pair.First.LogProbability!.Value - (double)pair.Second.LogProbability!.Value)).DefaultIfEmpty().Max());
            }
            Console.WriteLine(FormattableString.Invariant($"{model.Bundle.Precision}: of {asked.Length} requests {tokens} gave other tokens than alone, {bits} other log-probabilities (largest difference {largest:0.0e0})."));
            return tokens + bits == 0 ? 0 : 1;
        });
        return command;
    }

    private static InferenceRequest Request(int i, int vocabulary) => new()
    {
        // Every third begins like another: the prefix cache takes part.
        PromptIds = Prompts.Create(1 + (i * 37 % 150), vocabulary, row: i % 3 == 0 ? 0 : i),
        MaxNewTokens = 1 + (i * 13 % 32),
        LogProbabilities = 0,
        Sampling = i % 2 == 0 ? new SamplingOptions() : new SamplingOptions { Temperature = 1, TopP = i % 4 == 1 ? 0.9 : 1, TopK = i % 5 == 0 ? 50 : 0, Seed = (ulong)i },
    };

    private static async Task<List<TokenDelta>> CollectAsync(InferenceEngine engine, InferenceRequest request, CancellationToken cancellationToken)
    {
        List<TokenDelta> deltas = [];
        await foreach (TokenDelta delta in engine.SubmitAsync(request, cancellationToken).ConfigureAwait(false))
        {
            deltas.Add(delta);
        }
        return deltas;
    }
}
