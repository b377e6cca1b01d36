namespace Factory.Trainer.FineTuning;

/// <summary>One row: its tokens, and which of them are answers to learn.</summary>
public sealed record TuningRow(int[] Ids, bool[] IsAnswer)
{
    /// <summary>Tokens that are predicted and count: the first token of a row is never predicted.</summary>
    public int AnswerTokens => IsAnswer.Skip(1).Count(answer => answer);
}
