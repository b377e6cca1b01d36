using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Text;
using Factory.Evals.Models;
using Factory.Evals.Models.Http;
using Factory.Evals.Prompts;

namespace Factory.Evals.Commands;

/// <summary>Options that say who answers: a bundle in this process, a Factory server, or any server with OpenAI's interface.</summary>
internal sealed class BackendOptions
{
    private readonly ModelOptions _bundle = new();
    private readonly ServerOptions _server = new();

    private readonly Option<string> _cache = new("--cache")
    {
        Description = "File that keeps responses, so that a run that was cut off goes on where it was; none: keep nothing.",
        HelpName = "FILE|none",
        DefaultValueFactory = _ => ResponseCache.DefaultPath,
    };

    public void AddTo(Command command)
    {
        _bundle.AddTo(command);
        _server.AddTo(command);
        command.Options.Add(_cache);
    }

    /// <summary>The model's chat template, found without loading the model.</summary>
    /// <exception cref="UserError">There is no such model.</exception>
    public async Task<ChatTemplateSource> FindChatTemplateAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (_server.Read(parsed) is ServerModelOptions server)
        {
            return await ServerChatTemplate.FindAsync(server, cancellationToken).ConfigureAwait(false);
        }
        string directory = _bundle.Directory(parsed);
        return !Runtime.Encoders.EncoderBundle.IsAt(directory) && Runtime.Bundle.Open(directory).Tokenizer is TextTokenizer tokenizer
            ? ChatTemplateSource.From(tokenizer)
            : new ChatTemplateSource(directory, Template: null, new Dictionary<string, string>());
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
        if (_server.Read(parsed) is ServerModelOptions server)
        {
            ILanguageModel remote = server.IsFactory
                ? await FactoryServerModel.ConnectAsync(server, cancellationToken).ConfigureAwait(false)
                : await CompletionsLanguageModel.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
            owned.Push((IDisposable)remote);
            return remote;
        }
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
}
