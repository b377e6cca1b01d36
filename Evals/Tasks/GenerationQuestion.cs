using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A question whose answer the model writes.</summary>
/// <param name="References">Answers that count as right; an example shows the first.</param>
/// <param name="Until">Stop strings.</param>
/// <param name="MaxTokens">Tokens of the answer at most.</param>
public sealed record GenerationQuestion(string Prompt, IReadOnlyList<string> References, IReadOnlyList<string> Until, int MaxTokens) : Question
{
    /// <summary>The passage that the question is about, and the question alone, for models that are asked in these; null: none.</summary>
    public (string Question, string Passage)? About { get; init; }

    public override string Identity { get => field ?? $"{Prompt}\0{string.Join('\0', References)}"; init; }

    public override string Solved { get => field ?? $"{Prompt} {References[0]}"; init; }

    public override TaskDocument Ask(string prefix) => new GenerationDocument(
        About is (string question, string passage) ? new PassageRequest(prefix + Prompt, Until, MaxTokens, question, passage) : new GenerationRequest(prefix + Prompt, Until, MaxTokens),
        References);
}
