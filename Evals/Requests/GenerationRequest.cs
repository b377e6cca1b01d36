namespace Factory.Evals.Requests;

/// <summary>
/// What does the model write after <paramref name="Context"/>, greedily, until it writes one of <paramref name="Until"/> or
/// <paramref name="MaxTokens"/> tokens? Answered by a <see cref="GenerationResponse"/>.
/// </summary>
public record GenerationRequest(string Context, IReadOnlyList<string> Until, int MaxTokens) : EvaluationRequest;
