namespace Factory.Evals.Tasks;

/// <summary>One question with its possible answers, before examples stand in front of it.</summary>
public sealed record ChoiceItem
{
    /// <summary>What stands before each answer; the same text for every choice unless the choice is part of it (WinoGrande).</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>The answers, without the space that goes before them.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Index of the right answer.</summary>
    public required int Gold { get; init; }

    /// <summary>Equal for rows that the harness takes for the same document, so that a question is never its own example.</summary>
    public required string Identity { get; init; }

    /// <summary>The question with its right answer, as an example shows it.</summary>
    public string Solved { get => field ?? $"{Prompts[Gold]} {Targets[Gold]}"; init; }

    /// <summary>The usual case: one prompt, several answers.</summary>
    public static ChoiceItem Of(string prompt, IReadOnlyList<string> targets, int gold, string? identity = null) => new()
    {
        Prompts = [.. targets.Select(_ => prompt)],
        Targets = targets,
        Gold = gold,
        Identity = identity ?? $"{prompt}\0{string.Join('\0', targets)}\0{gold}",
    };
}
