using System.CommandLine;
using Factory.Core;
using Factory.Evals.Models.Http;
using Factory.Evals.Tokens;

namespace Factory.Evals.Commands;

/// <summary>Options that say which server answers, and how it is asked.</summary>
internal sealed class ServerOptions
{
    private const string KeyVariable = "FACTORY_API_KEY";
    private const string OpenAiKeyVariable = "OPENAI_API_KEY";

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

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_server, _openAi, _model, _tokenizer, _length, _concurrency])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The server that was named; null: none.</summary>
    /// <exception cref="UserError">An option is out of range, or the tokenizer cannot be read.</exception>
    public ServerModelOptions? Read(ParseResult parsed)
    {
        string? server = parsed.GetValue(_server);
        string? openAi = parsed.GetValue(_openAi);
        if (server is not null && openAi is not null)
        {
            throw new SettingError("server", "expected one of server and openai, found both.");
        }
        if ((server ?? openAi) is not string url)
        {
            return null;
        }
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
            Root = Root(server is null ? "openai" : "server", url),
            IsFactory = server is not null,
            Model = parsed.GetValue(_model),
            Key = Environment.GetEnvironmentVariable(server is null ? OpenAiKeyVariable : KeyVariable),
            Tokenizer = parsed.GetValue(_tokenizer) is string path ? TokenizerFile.Load(path) : null,
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
}
