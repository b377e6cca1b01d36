using Factory.Core;
using Factory.Core.Text;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;

namespace Factory.Evals.Models.Http;

/// <summary>
/// A model behind an OpenAI-compatible server: log-likelihoods from /v1/completions with echo and logprobs, several requests at once. Prompts go as token
/// ids, from a tokenizer of one's own or the server's, so that windows and scores are those of a model in this process.
/// </summary>
public sealed class CompletionsLanguageModel : ILanguageModel, IDisposable
{
    private readonly ServerClient _server;
    private readonly PairEncoder _encoder;
    private readonly string _model;

    /// <summary>Tokens of a window, whose last is only predicted: an echoed prompt holds it too, and leaves room for the one token that servers insist on writing.</summary>
    private readonly int _length;

    private readonly int _concurrency;

    private CompletionsLanguageModel(ServerClient server, ITextEncoder encoder, ModelDescription description, int length, int concurrency)
    {
        (_server, _encoder, _model, _length, _concurrency) = (server, new PairEncoder(encoder), description.Name, length - 2, concurrency);
        Description = description;
    }

    public ModelDescription Description { get; }

    /// <summary>Asks the server what it serves.</summary>
    /// <exception cref="UserError">It cannot be reached, serves no such model, or nobody says how it makes tokens.</exception>
    public static async Task<CompletionsLanguageModel> ConnectAsync(ServerModelOptions options, CancellationToken cancellationToken)
    {
        var server = new ServerClient(options.Root, options.Key);
        try
        {
            (ModelDescription description, int? length) = await DescribeAsync(server, options, cancellationToken).ConfigureAwait(false);
            ITextEncoder encoder = options.Tokenizer is TextTokenizer tokenizer ? new LocalTextEncoder(tokenizer)
                : await RemoteTextEncoder.FindAsync(server, description.Name, cancellationToken).ConfigureAwait(false)
                ?? throw new SettingError("tokenizer", $"expected the model's tokenizer, as {options.Root} offers none (/tokenizer_info), found none.");
            int window = options.ContextLength ?? length
                ?? throw new SettingError("context_length", $"expected the model's context window, as {options.Root} does not say it, found none.");
            return new CompletionsLanguageModel(server, encoder, description, window, options.Concurrency);
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public IAsyncEnumerable<Answer> AskAsync(IReadOnlyList<EvaluationRequest> requests, CancellationToken cancellationToken) => ParallelAnswers.RunAsync(
        requests.Index(), _concurrency, async (item, token) => [await AnswerAsync(item.Index, item.Item, token).ConfigureAwait(false)], cancellationToken);

    public void Dispose() => _server.Dispose();

    private async Task<Answer> AnswerAsync(int place, EvaluationRequest request, CancellationToken cancellationToken)
    {
        if (request is GenerationRequest generation)
        {
            return new Answer(place, await GenerateAsync(generation, cancellationToken).ConfigureAwait(false));
        }
        AskedWindows asked = await AskedWindows.OfAsync(place, request, _encoder, _length, cancellationToken).ConfigureAwait(false);
        var scores = new List<LogLikelihood>(asked.Windows.Count);
        foreach (TokenPair window in asked.Windows)
        {
            scores.Add(await ScoreAsync(window, cancellationToken).ConfigureAwait(false));
        }
        return asked.Answer(scores);
    }

    private async Task<LogLikelihood> ScoreAsync(TokenPair window, CancellationToken cancellationToken)
    {
        int[] ids = [.. window.Context, .. window.Continuation];
        int count = window.Continuation.Length;
        int[] prompt = ids[Math.Max(0, ids.Length - (_length + 1))..];
        CompletionLogprobs logprobs = (await CompleteAsync(new CompletionRequest(_model, prompt, 1, 0, Logprobs: 1, Echo: true), cancellationToken).ConfigureAwait(false)).Logprobs
            ?? throw new UserError($"{_server.Root}: expected log-probabilities (echo and logprobs), found none in the answer.");
        if (logprobs.TokenLogprobs.Count < prompt.Length)
        {
            throw new UserError($"{_server.Root}: expected log-probabilities of the prompt's {prompt.Length} tokens (echo), found {logprobs.TokenLogprobs.Count}.");
        }
        double sum = 0;
        bool greedy = true;
        for (int i = prompt.Length - count; i < prompt.Length; i++)
        {
            double value = logprobs.TokenLogprobs[i] ?? double.NaN;
            sum += value;
            greedy &= logprobs.TopLogprobs?[i]?.Values.Max() is double best && value >= best;
        }
        return new LogLikelihood(sum, greedy, count);
    }

    private async Task<GenerationResponse> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        int[] ids = await _encoder.EncodeWholeAsync(request.Context, cancellationToken).ConfigureAwait(false);
        int[] prompt = AskedWindows.Prompt(ids, _encoder.PrefixTokenId, _length + 2, request.MaxTokens);
        CompletionChoice choice = await CompleteAsync(
            new CompletionRequest(_model, prompt, request.MaxTokens, 0, Stop: request.Until.Count > 0 ? request.Until : null), cancellationToken).ConfigureAwait(false);
        return new GenerationResponse(choice.Text);
    }

    private async Task<CompletionChoice> CompleteAsync(CompletionRequest request, CancellationToken cancellationToken)
    {
        CompletionResponse answer = await _server.PostAsync(
            "v1/completions", request, CompletionsJson.Default.CompletionRequest, CompletionsJson.Default.CompletionResponse, cancellationToken).ConfigureAwait(false);
        return answer.Choices is [CompletionChoice choice, ..] ? choice : throw new UserError($"{_server.Root}: expected a completion, found none in the answer.");
    }

    /// <summary>A Factory server says which bundle it serves; others only a name.</summary>
    private static async Task<(ModelDescription Description, int? Length)> DescribeAsync(ServerClient server, ServerModelOptions options, CancellationToken cancellationToken)
    {
        string endpoint = server.Root.ToString();
        if (options.IsFactory)
        {
            FactoryModelsResponse models = await server.FindAsync("models", CompletionsJson.Default.FactoryModelsResponse, cancellationToken).ConfigureAwait(false)
                ?? throw new SettingError("server", $"expected the address of a Factory server, found one without /models: {server.Root}");
            FactoryModelEntry found = Choose(models.Models, model => model.Name, options.Model, server.Root);
            return (new ModelDescription(found.Name, found.ContentHash, found.NormScheme, found.Provider, Endpoint: endpoint), found.ContextLength);
        }
        ModelsResponse? listed = await server.FindAsync("v1/models", CompletionsJson.Default.ModelsResponse, cancellationToken).ConfigureAwait(false);
        if (listed is null)
        {
            string name = options.Model ?? throw new SettingError("server_model", $"expected the model's name, as {server.Root} lists none, found none.");
            return (new ModelDescription(name, Endpoint: endpoint), null);
        }
        ServedModelEntry entry = Choose(listed.Data, model => model.Id, options.Model, server.Root);
        return (new ModelDescription(entry.Id, Endpoint: endpoint), entry.MaxModelLen);
    }

    private static T Choose<T>(IReadOnlyList<T> models, Func<T, string> name, string? wanted, Uri root)
    {
        T[] found = [.. models.Where(model => wanted is null || name(model) == wanted)];
        return found.Length == 1 ? found[0] : throw new SettingError(
            "server_model", $"expected one of the models at {root} ({string.Join(", ", models.Select(name))}), found {(wanted is null ? "none named" : $"'{wanted}'")}.");
    }
}
