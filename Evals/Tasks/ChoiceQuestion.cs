using Factory.Evals.Requests;

namespace Factory.Evals.Tasks;

/// <summary>A question with its possible answers, each scored after a space.</summary>
/// <param name="Prompts">What stands before each answer; one text a choice, as the choice may be part of it (WinoGrande).</param>
/// <param name="Choices">The answers, without the space that goes before them.</param>
/// <param name="Gold">Index of the right answer.</param>
public sealed record ChoiceQuestion(IReadOnlyList<string> Prompts, IReadOnlyList<string> Choices, int Gold) : Question
{
    /// <summary>The usual case: one prompt for all choices.</summary>
    public ChoiceQuestion(string prompt, IReadOnlyList<string> choices, int gold) : this([.. choices.Select(_ => prompt)], choices, gold) { }

    public override string Identity { get => field ?? $"{string.Join('\0', Prompts)}\0{string.Join('\0', Choices)}\0{Gold}"; init; }

    public override string Solved { get => field ?? $"{Prompts[Gold]} {Choices[Gold]}"; init; }

    public override TaskDocument Ask(string prefix) => new ChoiceDocument(
        [.. Prompts.Zip(Choices, (prompt, choice) => new LogLikelihoodRequest(prefix + prompt, " " + choice))], Choices, Gold);
}
