using System.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.InferenceApi.Hosting;
using Factory.Runtime;

namespace Factory.InferenceApi.Commands;

/// <summary>What the executable does without a verb: serve a model over HTTP until Ctrl-C.</summary>
internal static class ServeCommand
{
    private const string Cure = "Export a model with 'dotnet run -c Release --project Exporter', or name one with --model.";

    private static readonly Option<string?> Model = new("--model") { Description = "Bundle directory that Exporter wrote. [default: the one that models/latest names]", HelpName = "models/NAME" };

    private static readonly Option<string> Urls = new("--urls")
    {
        Description = "Addresses to listen on, separated by ';'. Port 0 takes a free one. Keep to 127.0.0.1 unless a proxy with authentication stands in front.",
        HelpName = "http://HOST:PORT",
        DefaultValueFactory = _ => ServerOptions.DefaultUrl,
    };

    private static readonly Option<string> Provider = OneOf("--provider", "Where the model runs: auto takes CUDA where it is usable.", "auto", "cpu", "cuda");

    private static readonly Option<string?> CudaPlugin = new("--cuda-plugin") { Description = "ONNX Runtime plugin library that brings the CUDA provider.", HelpName = "FILE" };

    private static readonly Option<int> Threads = Whole("--threads", "Threads of one operator; 0 takes every core.", 0, least: 0);

    private static readonly Option<int> MaxConcurrent = Whole("--max-concurrent", "Answers decoded at the same time.", 2, least: 1);

    private static readonly Option<int> Queue = Whole("--queue", "Requests that may wait for their turn; one more gets 503.", 32, least: 0);

    private static readonly Option<string?> Data = new("--data") { Description = "Folder with full evaluation sets for /eval. [default: the small samples that come with Factory]", HelpName = "DIR" };

    private static readonly Option<string?> TextFile = new("--text") { Description = "Text that the task perplexity scores in /eval.", HelpName = "FILE" };

    /// <summary>The root command, whose own action serves.</summary>
    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("Serves an exported model over HTTP: /generate, /eval, /models, /health, and pages to try them at /swagger.")
        {
            Model, Urls, Provider, CudaPlugin, Threads, MaxConcurrent, Queue, Data, TextFile,
        };
        root.SetAction(ServeAsync);
        return root;
    }

    private static async Task<int> ServeAsync(ParseResult parsed, CancellationToken ct)
    {
        var options = new ServerOptions
        {
            Model = parsed.GetValue(Model) ?? LatestName.Read("models", Cure),
            Urls = ParseUrls(parsed.GetRequiredValue(Urls)),
            Runtime = new RuntimeOptions
            {
                Provider = Enum.Parse<ProviderChoice>(parsed.GetRequiredValue(Provider), ignoreCase: true),
                CudaPlugin = parsed.GetValue(CudaPlugin),
                Threads = parsed.GetValue(Threads),
            },
            MaxConcurrent = parsed.GetValue(MaxConcurrent),
            Queue = parsed.GetValue(Queue),
            DataDirectory = parsed.GetValue(Data),
            TextFile = parsed.GetValue(TextFile),
        };
        if (options.DataDirectory is string data && !Directory.Exists(data))
        {
            throw new UserError($"--data: expected a directory with evaluation sets, found none at '{data}'.");
        }
        if (options.TextFile is string text && !File.Exists(text))
        {
            throw new UserError($"--text: expected a text file, found none at '{text}'.");
        }
        await using WebApplication app = InferenceServer.Build(InferenceServer.CreateBuilder(options));
        await Listening.RunAsync(app, options, ct);
        return 0;
    }

    private static string[] ParseUrls(string urls)
    {
        string[] parts = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string url in parts.DefaultIfEmpty(urls))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) || parsed.Scheme != Uri.UriSchemeHttp || parsed.PathAndQuery != "/")
            {
                throw new UserError($"--urls: expected http://HOST:PORT, found '{url}'. For https put a proxy in front.");
            }
        }
        return parts;
    }

    /// <param name="choices">The first is the default.</param>
    private static Option<string> OneOf(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name) { Description = description, HelpName = string.Join('|', choices), DefaultValueFactory = _ => choices[0] };
        option.CompletionSources.Add(choices);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !choices.Contains(token.Value))
            {
                result.AddError($"{name}: expected one of {string.Join(", ", choices)}, found '{token.Value}'.");
            }
        });
        return option;
    }

    private static Option<int> Whole(string name, string description, int standard, int least)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out int value) && value < least)
            {
                result.AddError($"{name}: expected a whole number of at least {least}, found {value}.");
            }
        });
        return option;
    }
}
