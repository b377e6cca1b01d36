using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.Generation;

/// <summary>A request that fits the model: what to feed and how to choose.</summary>
/// <param name="PromptIds">Token ids, with the one that opens a text in front.</param>
/// <param name="Seed">The seed in use; null for greedy decoding.</param>
internal sealed record GenerationPlan(TextEngine Engine, IReadOnlyList<int> PromptIds, GenerationOptions Options, ulong? Seed)
{
    /// <summary>The plan of a request for a model with a tokenizer.</summary>
    /// <exception cref="RefusedException">400 that names the field.</exception>
    public static GenerationPlan For(GenerateRequest request, TextEngine engine, SeedSource seeds)
    {
        int window = engine.Engine.Capacity;
        int newTokens = request.MaxNewTokens ?? Math.Min(GenerateRequest.DefaultNewTokens, window);
        if (newTokens > window)
        {
            throw Problem.Field("max_new_tokens", $"expected a whole number from 1 to {window} (the model's context length), found {newTokens}.");
        }
        double temperature = request.Temperature ?? GenerateRequest.DefaultTemperature;
        ulong? seed = temperature == 0 ? null : request.Seed ?? seeds.Next();
        int[] prompt = PromptEncoder.Encode(engine, request.Prompt!, "prompt", request.ParseSpecial ?? false);
        return new GenerationPlan(engine, prompt, new GenerationOptions
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
}
