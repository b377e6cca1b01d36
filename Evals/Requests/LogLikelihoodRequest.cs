namespace Factory.Evals.Requests;

/// <summary>How likely is <paramref name="Continuation"/> after <paramref name="Context"/>? Answered by a <see cref="LogLikelihoodResponse"/>.</summary>
/// <param name="Context">Where empty, BOS (else EOS) stands for it.</param>
public sealed record LogLikelihoodRequest(string Context, string Continuation) : EvaluationRequest;
