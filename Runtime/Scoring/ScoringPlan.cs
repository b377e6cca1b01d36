namespace Factory.Runtime;

/// <summary>
/// How a request is scored; its own lengths alone decide, so that its result does not depend on the requests around it.
/// <code>
/// Whole          context and continuation in one run, several requests to a batch: where little of it could be shared
/// ShortContext   contexts in batches, each once; then all their continuations together, a token each a step
/// LongContext    contexts one by one, each continuing the last one's beginning; then its continuations, one run each
/// </code>
/// Measured with 134 M parameters on two cores, tokens/s: a batch of whole rows 2560, steps of 64 rows 1150, a run of 27 tokens behind a context 1080 (of
/// 5 tokens: 365). A step reads every row's keys and values, which beyond some 200 positions costs more than the step itself.
/// </summary>
internal enum ScoringPlan
{
    Whole,
    ShortContext,
    LongContext,
}

internal static class ScoringPlans
{
    /// <summary>Tokens of a short context at most.</summary>
    public const int ShortContext = 192;

    /// <summary>Tokens fed step by step at most.</summary>
    public const int ShortContinuation = 64;

    public static ScoringPlan Plan(this ScoreItem item) =>
        item.Fed > item.ContextLength || item.Fed > ShortContinuation ? ScoringPlan.Whole
        : item.ContextLength <= ShortContext ? ScoringPlan.ShortContext
        : ScoringPlan.LongContext;
}
