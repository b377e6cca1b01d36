namespace Factory.Evals.Prompts;

/// <summary>How the turns of a prompt become the text that a model reads.</summary>
public abstract class PromptFormat
{
    /// <summary>One turn after the other with its delimiter.</summary>
    public static PromptFormat Plain { get; } = new PlainPrompt();

    /// <summary>The prompt, whose last turn is the question.</summary>
    public abstract string Render(IReadOnlyList<Turn> turns);

    /// <summary>What stands between the prompt and a choice that is scored after it.</summary>
    /// <param name="plain">The same in plain text.</param>
    public abstract string BeforeChoice(string plain);

    /// <summary>The turns as one text. The last one's delimiter is left out: nothing follows it.</summary>
    protected static string Join(IReadOnlyList<Turn> turns) => string.Concat(turns.SkipLast(1).Select(turn => turn.Content + turn.Delimiter).Append(turns[^1].Content));

    private sealed class PlainPrompt : PromptFormat
    {
        public override string Render(IReadOnlyList<Turn> turns) => Join(turns);

        public override string BeforeChoice(string plain) => plain;
    }
}
