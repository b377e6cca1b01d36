using Factory.Runtime.Engine;

namespace Factory.Runtime.Tests.Engine;

/// <summary>What a request gives when it is decoded alone, by a loop too simple to be wrong.</summary>
internal static class OneByOne
{
    public static List<int> Decode(LanguageModel model, InferenceRequest request)
    {
        int window = model.Bundle.Architecture.MaxPositions;
        using KvCache cache = model.NewCache(window);
        var sampler = new Sampler(request.Sampling);
        sampler.Observe(request.PromptIds);
        List<int> tokens = [];
        float[] logits = model.Append(cache, request.PromptIds);
        while (true)
        {
            int token = sampler.Next(logits, tokens.Count < request.MinNewTokens ? [.. request.StopIds] : []);
            tokens.Add(token);
            if (request.StopIds.Contains(token) || tokens.Count == request.MaxNewTokens || request.PromptIds.Count + tokens.Count == window)
            {
                return tokens;
            }
            logits = model.Append(cache, [token]);
        }
    }

    public static async Task<List<int>> CollectAsync(this IAsyncEnumerable<TokenDelta> deltas)
    {
        List<int> tokens = [];
        await foreach (TokenDelta delta in deltas)
        {
            tokens.Add(delta.TokenId);
        }
        return tokens;
    }
}
