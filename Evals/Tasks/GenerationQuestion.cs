using Factory.Evals.Prompts;
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

    public override IReadOnlyList<Turn> Solved => [Turn.User(Prompt, AnswerDelimiter), Turn.Assistant(References[0], ExampleDelimiter)];

    public override TaskDocument Ask(IReadOnlyList<Turn> before, PromptFormat format)
    {
        string context = format.Render([.. before, Turn.User(Prompt)]);
        return new GenerationDocument(
            About is (string question, string passage) ? new PassageRequest(context, Until, MaxTokens, question, passage) : new GenerationRequest(context, Until, MaxTokens),
            References);
    }
}
