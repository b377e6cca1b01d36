using System.Runtime.CompilerServices;
using Factory.Evals.Models;
using Factory.Evals.Python;
using Factory.Evals.Requests;

namespace Factory.Evals.Tests;

/// <summary>
/// The model of the harness's own tests: question k has log-likelihood −(k-th random.random()) after random.seed(42), whatever it asks.
/// </summary>
internal sealed class DrawnModel : ILanguageModel
{
    private readonly PythonRandom _random = new(42);

    public ModelDescription Description { get; } = new("drawn");

    public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach ((int place, EvaluationRequest request) in requests.Index())
        {
            double value = -_random.NextDouble();
            yield return new Answer(place, request is RollingRequest ? new RollingResponse(value, Tokens: 1) : new LogLikelihoodResponse(value, IsGreedy: false, Tokens: 1));
        }
    }
}
