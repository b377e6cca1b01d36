using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>A request that fits the model: what to feed and how to choose.</summary>
/// <param name="PromptIds">Token ids, with the one that opens a text in front.</param>
/// <param name="Seed">The seed in use; null for greedy decoding.</param>
internal sealed record GenerationPlan(LanguageModel Model, IReadOnlyList<int> PromptIds, GenerationOptions Options, ulong? Seed)
{
    /// <summary>The plan of a request for a model with a tokenizer.</summary>
    /// <exception cref="RefusedException">400 that names the field.</exception>
    public static GenerationPlan For(GenerateRequest request, LanguageModel model, SeedSource seeds)
    {
        int window = model.Bundle.Architecture.MaxPositions;
        int newTokens = request.MaxNewTokens ?? Math.Min(GenerateRequest.DefaultNewTokens, window);
        if (newTokens > window)
        {
            throw Problem.Field("max_new_tokens", $"expected a whole number from 1 to {window} (the model's context length), found {newTokens}.");
        }
        double temperature = request.Temperature ?? GenerateRequest.DefaultTemperature;
        ulong? seed = temperature == 0 ? null : request.Seed ?? seeds.Next();
        return new GenerationPlan(model, Encode(request.Prompt!, model, window), new GenerationOptions
        {
            MaxNewTokens = newTokens,
            Stop = request.Stop ?? [],
            Sampling = new SamplingOptions
            {
                Temperature = temperature,
                TopK = request.TopK ?? 0,
                TopP = request.TopP ?? GenerateRequest.DefaultTopP,
                MinP = request.MinP ?? 0,
                RepetitionPenalty = request.RepetitionPenalty ?? 1,
                Seed = seed,
            },
        }, seed);
    }

    private static int[] Encode(string prompt, LanguageModel model, int window)
    {
        int[] ids = new TextGenerator(model).Encode(prompt);
        return ids.Length switch
        {
            0 => throw Problem.Field("prompt", "expected text, found none, and this model's tokenizer has no token that opens one."),
            _ when ids.Length >= window => throw Problem.Field("prompt", $"expected at most {window - 1} tokens (the context window holds {window} with at least one new token), found {ids.Length}."),
            _ => ids,
        };
    }
}
