using Factory.Evals.Prompts;
using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A question with its possible answers, each scored.</summary>
/// <param name="Prompts">What stands before each answer; one text a choice, as the choice may be part of it (WinoGrande).</param>
/// <param name="Choices">The answers, without the delimiter that goes before them.</param>
/// <param name="Gold">Index of the right answer.</param>
public sealed record ChoiceQuestion(IReadOnlyList<string> Prompts, IReadOnlyList<string> Choices, int Gold) : Question
{
    /// <summary>The usual case: one prompt for all choices.</summary>
    public ChoiceQuestion(string prompt, IReadOnlyList<string> choices, int gold) : this([.. choices.Select(_ => prompt)], choices, gold) { }

    /// <summary>Between prompt and choice in plain text. Default: a space.</summary>
    public string Delimiter { get; init; } = AnswerDelimiter;

    public override string Identity { get => field ?? $"{string.Join('\0', Prompts)}\0{string.Join('\0', Choices)}\0{Gold}"; init; }

    public override IReadOnlyList<Turn> Solved => [Turn.User(Prompts[Gold], AnswerDelimiter), Turn.Assistant(Choices[Gold], ExampleDelimiter)];

    public override TaskDocument Ask(IReadOnlyList<Turn> before, PromptFormat format)
    {
        Dictionary<string, string> contexts = Prompts.Distinct().ToDictionary(prompt => prompt, prompt => format.Render([.. before, Turn.User(prompt)]));
        string delimiter = format.BeforeChoice(Delimiter);
        return new ChoiceDocument([.. Prompts.Zip(Choices, (prompt, choice) => new LogLikelihoodRequest(contexts[prompt], delimiter + choice))], Choices, Gold);
    }
}
