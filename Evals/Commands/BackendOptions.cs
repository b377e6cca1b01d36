using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Text;
using Factory.Evals.Models;
using Factory.Evals.Models.Http;
using Factory.Evals.Tokens;

namespace Factory.Evals.Commands;

/// <summary>Options that say who answers: a bundle in this process, a Factory server, or any server with OpenAI's interface.</summary>
internal sealed class BackendOptions
{
    private const string KeyVariable = "FACTORY_API_KEY";
    private const string OpenAiKeyVariable = "OPENAI_API_KEY";

    private readonly ModelOptions _bundle = new();

    private readonly Option<string?> _server = new("--server") { Description = $"Score the model of a running Factory server instead; its key, if it wants one, in {KeyVariable}.", HelpName = "URL" };

    private readonly Option<string?> _openAi = new("--openai")
    {
        Description = $"Score the model of any server with OpenAI's /v1/completions (echo and logprobs) instead; its key, if it wants one, in {OpenAiKeyVariable}.",
        HelpName = "URL",
    };

    private readonly Option<string?> _model = new("--server-model") { Description = "Which of the server's models. [default: the only one]", HelpName = "NAME" };
    private readonly Option<string?> _tokenizer = new("--tokenizer") { Description = "Tokenizer of the server's model. [default: the server's /tokenize]", HelpName = "FILE|DIR" };
    private readonly Option<int?> _length = new("--context-length") { Description = "Context window of the server's model. [default: what the server says]", HelpName = "N" };
    private readonly Option<int> _concurrency = new("--concurrency") { Description = "Requests to the server at once.", HelpName = "N", DefaultValueFactory = _ => 8 };

    private readonly Option<string> _cache = new("--cache")
    {
        Description = "File that keeps responses, so that a run that was cut off goes on where it was; none: keep nothing.",
        HelpName = "FILE|none",
        DefaultValueFactory = _ => ResponseCache.DefaultPath,
    };

    public void AddTo(Command command)
    {
        _bundle.AddTo(command);
        foreach (Option option in (Option[])[_server, _openAi, _model, _tokenizer, _length, _concurrency, _cache])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Loads the bundle or asks the server what it serves.</summary>
    /// <exception cref="UserError">There is no such model.</exception>
    public async Task<Backend> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var owned = new Stack<IDisposable>();
        try
        {
            ILanguageModel model = await OpenModelAsync(parsed, owned, cancellationToken).ConfigureAwait(false);
            if (OpenCache(parsed, model.Description) is ResponseCache cache)
            {
                owned.Push(cache);
                model = new CachedLanguageModel(model, cache);
            }
            return new Backend(model, owned);
        }
        catch
        {
            new Backend(null!, owned).Dispose();
            throw;
        }
    }

    /// <summary>The cache that was asked for; null where none is wanted, or where the one nobody asked for cannot be had (a user without a home).</summary>
    private ResponseCache? OpenCache(ParseResult parsed, ModelDescription model)
    {
        if (parsed.GetRequiredValue(_cache) is not "none" and string path)
        {
            try
            {
                return ResponseCache.Open(path, model);
            }
            catch (SettingError error) when (parsed.GetResult(_cache) is null or { Implicit: true })
            {
                Shell.WriteLine($"Warning: responses are not kept. {error.Message}");
            }
        }
        return null;
    }

    private async Task<ILanguageModel> OpenModelAsync(ParseResult parsed, Stack<IDisposable> owned, CancellationToken cancellationToken)
    {
        string? server = parsed.GetValue(_server);
        string? openAi = parsed.GetValue(_openAi);
        if (server is not null && openAi is not null)
        {
            throw new SettingError("server", "expected one of server and openai, found both.");
        }
        if ((server ?? openAi) is null)
        {
            if (Runtime.Encoders.EncoderBundle.IsAt(_bundle.Directory(parsed)))
            {
                Runtime.Encoders.EncoderModel encoder = _bundle.LoadEncoder(parsed);
                owned.Push(encoder);
                return new EncoderLanguageModel(encoder);
            }
            Runtime.LanguageModel bundle = _bundle.Load(parsed);
            owned.Push(bundle);
            return new RuntimeLanguageModel(bundle);
        }
        ServerModelOptions options = ReadServer(parsed, server, openAi);
        ILanguageModel remote = options.IsFactory
            ? await FactoryServerModel.ConnectAsync(options, cancellationToken).ConfigureAwait(false)
            : await CompletionsLanguageModel.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
        owned.Push((IDisposable)remote);
        return remote;
    }

    private ServerModelOptions ReadServer(ParseResult parsed, string? server, string? openAi)
    {
        int concurrency = parsed.GetValue(_concurrency);
        if (concurrency < 1)
        {
            throw new SettingError("concurrency", FormattableString.Invariant($"expected at least 1, found {concurrency}."));
        }
        if (parsed.GetValue(_length) is int length && length < 4)
        {
            throw new SettingError("context_length", FormattableString.Invariant($"expected at least 4 tokens, found {length}."));
        }
        return new ServerModelOptions
        {
            Root = Root(server is null ? "openai" : "server", (server ?? openAi)!),
            IsFactory = server is not null,
            Model = parsed.GetValue(_model),
            Key = Environment.GetEnvironmentVariable(server is null ? OpenAiKeyVariable : KeyVariable),
            Encoder = parsed.GetValue(_tokenizer) is string path ? new LocalTextEncoder(Tokenizer(path)) : null,
            ContextLength = parsed.GetValue(_length),
            Concurrency = concurrency,
        };
    }

    private static Uri Root(string setting, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new SettingError(setting, $"expected an address such as http://127.0.0.1:5080, found '{url}'.");
        }
        string text = address.GetLeftPart(UriPartial.Path).TrimEnd('/');
        string[] tails = ["/v1/completions", "/v1"];
        return new Uri(tails.Aggregate(text, (left, tail) => left.EndsWith(tail, StringComparison.Ordinal) ? left[..^tail.Length] : left));
    }

    private static TextTokenizer Tokenizer(string path) => Directory.Exists(path)
        ? TextTokenizer.FindIn(path) ?? throw new SettingError("tokenizer", $"expected a tokenizer in {path} ({string.Join(" or ", TextTokenizer.FileNames)}), found none.")
        : TextTokenizer.Load(path);
}
