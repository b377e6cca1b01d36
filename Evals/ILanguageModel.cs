using Factory.Runtime;

namespace Factory.Evals;

/// <summary>
/// The three questions that every evaluation task is made of, on texts. Answers are in the order of the questions; log-likelihoods are in
/// nats. <c>progress</c> receives the number of questions answered so far.
/// </summary>
public interface ILanguageModel
{
    ModelDescription Description { get; }

    /// <summary>How likely is each continuation after its context?</summary>
    /// <exception cref="Core.UserError">A continuation has no token of its own or does not fit the context window.</exception>
    IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests, IProgress<int>? progress, CancellationToken cancellation);

    /// <summary>How likely is each whole text? Texts longer than the context window are scored in disjoint windows.</summary>
    IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts, IProgress<int>? progress, CancellationToken cancellation);

    /// <summary>What does the model write, greedily? The stop string is not part of the answer.</summary>
    IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests, IProgress<int>? progress, CancellationToken cancellation);
}
