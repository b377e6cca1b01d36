using Factory.Evals.Python;
using Factory.Runtime;

namespace Factory.Evals.Tests;

/// <summary>
/// The model of the harness's own tests: question k has log-likelihood −(k-th random.random()) after random.seed(42), whatever it asks.
/// </summary>
internal sealed class DrawnModel : ILanguageModel
{
    private readonly PythonRandom _random = new(42);

    public ModelDescription Description { get; } = new("drawn");

    public IReadOnlyList<LogLikelihood> LogLikelihoods(IReadOnlyList<LogLikelihoodRequest> requests, IProgress<int>? progress, CancellationToken cancellation) =>
        [.. requests.Select((_, index) => Next(index, progress))];

    public IReadOnlyList<LogLikelihood> RollingLogLikelihoods(IReadOnlyList<string> texts, IProgress<int>? progress, CancellationToken cancellation) =>
        [.. texts.Select((_, index) => Next(index, progress))];

    public IReadOnlyList<string> GenerateUntil(IReadOnlyList<GenerationRequest> requests, IProgress<int>? progress, CancellationToken cancellation) =>
        throw new NotSupportedException("No task asks it.");

    private LogLikelihood Next(int index, IProgress<int>? progress)
    {
        progress?.Report(index + 1);
        return new LogLikelihood(-_random.NextDouble(), IsGreedy: false, Tokens: 1);
    }
}
