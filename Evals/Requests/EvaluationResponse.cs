using System.Text.Json.Serialization;

namespace Factory.Evals.Requests;

/// <summary>A model's answer, of the kind of its <see cref="EvaluationRequest"/>.</summary>
[JsonDerivedType(typeof(LogLikelihoodResponse), "log_likelihood")]
[JsonDerivedType(typeof(RollingResponse), "rolling")]
[JsonDerivedType(typeof(GenerationResponse), "generation")]
public abstract record EvaluationResponse;

/// <param name="LogLikelihood">Sum over the continuation's tokens of ln p(token | all before it), nats.</param>
/// <param name="IsGreedy">Whether each of its tokens is the likeliest at its place.</param>
/// <param name="Tokens">Tokens of the continuation.</param>
public sealed record LogLikelihoodResponse(double LogLikelihood, bool IsGreedy, int Tokens) : EvaluationResponse;

/// <param name="LogLikelihood">Sum over the text's tokens, nats.</param>
/// <param name="Tokens">Tokens scored.</param>
public sealed record RollingResponse(double LogLikelihood, int Tokens) : EvaluationResponse;

/// <param name="Text">What was written, without the stop string.</param>
public sealed record GenerationResponse(string Text) : EvaluationResponse;
