namespace Factory.Evals;

/// <summary>What does the model write after <paramref name="Context"/>, until it writes one of <paramref name="Until"/> or <paramref name="MaxTokens"/> tokens?</summary>
public sealed record GenerationRequest(string Context, IReadOnlyList<string> Until, int MaxTokens);
