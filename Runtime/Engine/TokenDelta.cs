namespace Factory.Runtime.Engine;

/// <summary>One more token of a request.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="Finish">Set on the last one.</param>
public readonly record struct TokenDelta(int TokenId, FinishReason? Finish)
{
    /// <summary>Whether it belongs to the prompt, which <see cref="InferenceRequest.Echo"/> gives out first.</summary>
    public bool IsPrompt { get; init; }

    /// <summary>ln p(token | all before it), nats; null unless asked for, and for the first token of a prompt.</summary>
    public float? LogProbability { get; init; }

    /// <summary>The likeliest tokens at this place, likeliest first, equal ones by rising id; as many as <see cref="InferenceRequest.LogProbabilities"/> asks for.</summary>
    public IReadOnlyList<TokenLogProbability> Top { get; init; } = [];
}
