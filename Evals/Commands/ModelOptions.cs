using System.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime;

namespace Factory.Evals.Commands;

/// <summary>Options that say which model answers and where it runs.</summary>
internal sealed class ModelOptions
{
    private const string Cure = "Train and export one ('dotnet run -c Release --project Exporter'), or name a bundle: --model models/NAME.";

    private readonly Option<string?> _model = new("--model") { Description = "Bundle to score. [default: the one that models/latest names]", HelpName = "models/NAME" };

    private readonly Option<string> _provider = new("--provider")
    {
        Description = "Where the model runs: auto takes CUDA where it is usable.",
        HelpName = "auto|cpu|cuda",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _plugin = new("--cuda-plugin") { Description = "ONNX Runtime plugin library that brings the CUDA provider.", HelpName = "FILE" };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads of one operator; 0 takes every core.", HelpName = "N", DefaultValueFactory = _ => 0 };

    public ModelOptions() => _provider.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && token.Value is not ("auto" or "cpu" or "cuda"))
        {
            result.AddError($"--provider: expected auto, cpu or cuda, found '{token.Value}'.");
        }
    });

    public void AddTo(Command command)
    {
        command.Options.Add(_model);
        command.Options.Add(_provider);
        command.Options.Add(_plugin);
        command.Options.Add(_threads);
    }

    /// <summary>Loads the bundle and replays its probe: only the model that was trained is scored.</summary>
    /// <exception cref="UserError">There is no such bundle, or its logits are not the trained model's.</exception>
    public LanguageModel Load(ParseResult parsed)
    {
        int threads = parsed.GetValue(_threads);
        if (threads < 0)
        {
            throw new UserError(FormattableString.Invariant($"--threads: expected 0 (all cores) or more, found {threads}."));
        }
        Bundle bundle = Bundle.Open(parsed.GetValue(_model) ?? LatestName.Read("models", Cure));
        ProviderChoice provider = Enum.Parse<ProviderChoice>(parsed.GetRequiredValue(_provider), ignoreCase: true);
        var options = new RuntimeOptions { Provider = provider, CudaPlugin = parsed.GetValue(_plugin), Threads = threads };
        LanguageModel model = LanguageModel.Load(bundle, options, Console.Error.WriteLine);
        try
        {
            ProbeVerifier.Verify(model, bundle.Directory);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
