namespace Factory.Runtime;

/// <summary>How likely a model finds a continuation.</summary>
/// <param name="Value">Sum over its tokens of ln p(token | all before it), nats.</param>
/// <param name="IsGreedy">Whether each of its tokens is the likeliest at its place.</param>
/// <param name="Tokens">Tokens of the continuation.</param>
public readonly record struct LogLikelihood(double Value, bool IsGreedy, int Tokens);
