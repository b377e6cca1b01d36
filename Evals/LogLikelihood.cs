namespace Factory.Evals;

/// <summary>How likely a text was.</summary>
/// <param name="Value">Sum over its tokens, in nats.</param>
/// <param name="IsGreedy">Whether every token was the most likely one.</param>
/// <param name="Tokens">Tokens scored.</param>
public readonly record struct LogLikelihood(double Value, bool IsGreedy, int Tokens);
