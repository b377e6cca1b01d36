using System.Runtime.CompilerServices;
using Factory.Core;
using Factory.Evals.Requests;

namespace Factory.Evals.Models.Http;

/// <summary>
/// A model behind a Factory server: texts go to its /score, which tokenizes and windows them as this process would, so the numbers are those of the bundle
/// in this process. What the model writes comes from its /v1/completions.
/// </summary>
public sealed class FactoryServerModel : ILanguageModel, IDisposable
{
    private const int BatchSize = 64;

    /// <summary>The server scores a batch on all its cores: more at once would only wait.</summary>
    private const int MostBatches = 2;

    private readonly ServerClient _server;
    private readonly CompletionsLanguageModel _completions;
    private readonly int _concurrency;

    private FactoryServerModel(ServerClient server, CompletionsLanguageModel completions, int concurrency) =>
        (_server, _completions, _concurrency) = (server, completions, Math.Min(MostBatches, concurrency));

    public ModelDescription Description => _completions.Description;

    /// <summary>Asks the server what it serves.</summary>
    /// <exception cref="UserError">It cannot be reached, or serves no such model.</exception>
    public static async Task<FactoryServerModel> ConnectAsync(ServerModelOptions options, CancellationToken cancellationToken)
    {
        CompletionsLanguageModel completions = await CompletionsLanguageModel.ConnectAsync(options with { IsFactory = true }, cancellationToken).ConfigureAwait(false);
        return new FactoryServerModel(new ServerClient(options.Root, options.Key), completions, options.Concurrency);
    }

    public async IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        (int Index, EvaluationRequest Item)[] scored = [.. requests.Index().Where(request => request.Item is not GenerationRequest)];
        await foreach (Answer answer in ParallelAnswers.RunAsync(scored.Chunk(BatchSize), _concurrency, ScoreAsync, cancellationToken).ConfigureAwait(false))
        {
            yield return answer;
        }
        (int Index, EvaluationRequest Item)[] written = [.. requests.Index().Where(request => request.Item is GenerationRequest)];
        await foreach (Answer answer in _completions.AskAsync([.. written.Select(request => request.Item)], cancellationToken).ConfigureAwait(false))
        {
            yield return answer with { Request = written[answer.Request].Index };
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        _completions.Dispose();
    }

    private async Task<IReadOnlyList<Answer>> ScoreAsync((int Index, EvaluationRequest Item)[] batch, CancellationToken cancellationToken)
    {
        ScoreQuestion[] items = [.. batch.Select(request => request.Item is LogLikelihoodRequest pair ? new ScoreQuestion(pair.Context, pair.Continuation) : new ScoreQuestion(null, ((RollingRequest)request.Item).Text))];
        ScoreResponse answer = await _server.TryPostAsync(
            "score", new ScoreRequest(Description.Name, items), CompletionsJson.Default.ScoreRequest, CompletionsJson.Default.ScoreResponse, cancellationToken).ConfigureAwait(false)
            ?? throw new SettingError("server", $"expected a Factory server with /score, found none at {_server.Root}. Any server with OpenAI's interface can be scored as one (openai).");
        if (answer.Scores.Count != batch.Length)
        {
            throw new UserError($"{_server.Root}: expected {batch.Length} scores, found {answer.Scores.Count}.");
        }
        return [.. batch.Zip(answer.Scores, (request, score) => new Answer(request.Index, request.Item is RollingRequest
            ? new RollingResponse(score.LogLikelihood, score.Tokens)
            : new LogLikelihoodResponse(score.LogLikelihood, score.IsGreedy ?? false, score.Tokens)))];
    }
}
