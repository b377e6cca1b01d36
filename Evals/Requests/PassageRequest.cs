namespace Factory.Evals.Requests;

/// <summary>
/// A question about a passage. A model that writes is asked the <see cref="GenerationRequest"/> that it is; one that marks a part of a passage (BERT) is asked
/// <paramref name="Question"/> and <paramref name="Passage"/>. Answered by a <see cref="GenerationResponse"/>.
/// </summary>
public sealed record PassageRequest(string Context, IReadOnlyList<string> Until, int MaxTokens, string Question, string Passage) : GenerationRequest(Context, Until, MaxTokens);
