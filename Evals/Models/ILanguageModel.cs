using Factory.Evals.Requests;

namespace Factory.Evals.Models;

/// <summary>
/// Who is evaluated: a bundle in this process, a server, or one behind a cache. Every task is made of three kinds of requests, on texts:
/// log-likelihood of a continuation, rolling log-likelihood of a whole text, and generation until a stop string.
/// </summary>
public interface ILanguageModel
{
    ModelDescription Description { get; }

    /// <summary>Answers <paramref name="requests"/>, of any kinds, each once. Answers come as they are ready, in any order.</summary>
    /// <exception cref="RequestError">A request cannot be asked of this model.</exception>
    IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, CancellationToken cancellationToken);
}
