using System.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Runtime;

namespace Factory.Evals.Commands;

/// <summary>Options that say which model answers and where it runs.</summary>
internal sealed class ModelOptions
{
    private const string Cure = "Train and export one ('dotnet run -c Release --project Exporter'), or name a bundle: --model models/NAME.";
    private const double ProbeLimit = 1e-4;

    private readonly Option<string?> _model = new("--model") { Description = "Bundle to score, models/NAME. Default: the one that models/latest names." };
    private readonly Option<ProviderChoice> _provider = new("--provider") { Description = "Where to run: auto, cpu or cuda. auto takes CUDA where it is found.", DefaultValueFactory = _ => ProviderChoice.Auto };
    private readonly Option<string?> _plugin = new("--cuda-plugin") { Description = "ONNX Runtime plugin library that brings the CUDA provider. Default: the built-in one." };
    private readonly Option<int> _threads = new("--threads") { Description = "CPU threads. Default: 0, all cores.", DefaultValueFactory = _ => 0 };

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
        var options = new RuntimeOptions { Provider = parsed.GetValue(_provider), CudaPlugin = parsed.GetValue(_plugin), Threads = threads };
        LanguageModel model = LanguageModel.Load(bundle, options, Console.Error.WriteLine);
        double difference = model.ReplayProbe();
        if (difference <= ProbeLimit)
        {
            return model;
        }
        model.Dispose();
        throw new UserError(FormattableString.Invariant(
            $"{bundle.Directory}: expected the trained model's logits (within {ProbeLimit:0e0}), found a difference of {difference:0.0e0} when replaying its probe. Export the model again."));
    }
}
