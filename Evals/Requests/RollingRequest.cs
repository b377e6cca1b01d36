namespace Factory.Evals.Requests;

/// <summary>How likely is the whole of <paramref name="Text"/>? Answered by a <see cref="RollingResponse"/>.</summary>
/// <param name="Text">Where it is longer than the context window, it is scored in disjoint windows.</param>
public sealed record RollingRequest(string Text) : EvaluationRequest;
