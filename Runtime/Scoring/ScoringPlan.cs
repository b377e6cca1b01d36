namespace Factory.Runtime;

/// <summary>
/// How a request is scored; its own lengths alone decide, so that its result does not depend on the requests around it.
/// <code>
/// Batch          context and continuation in one run, many requests together; each token that they share once, where the bundle has a graph for it
/// Whole          alone, piece by piece: a text longer than a batch is worth
/// LongContext    contexts one by one, each continuing the last one's beginning; then its continuations, one run each
/// </code>
/// The first two give the same numbers to the last bit, those of one run over all tokens.
/// </summary>
internal enum ScoringPlan
{
    Batch,
    Whole,
    LongContext,
}

internal static class ScoringPlans
{
    /// <summary>Tokens of a request in a batch at most.</summary>
    public const int Batch = ScoringRun.BatchTokens / 2;

    /// <summary>Tokens behind a long context at most.</summary>
    public const int ShortContinuation = 64;

    /// <param name="window">Of the model; a row with its padding must stay within it.</param>
    public static ScoringPlan Plan(this ScoreItem item, int window) =>
        item.Ids.Length - 1 <= Math.Min(Batch, window - 1) ? ScoringPlan.Batch
        : item.Fed > item.ContextLength || item.Fed > ShortContinuation ? ScoringPlan.Whole
        : ScoringPlan.LongContext;
}
