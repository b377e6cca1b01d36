using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Runtime;
using Factory.Runtime.Encoders;

namespace Factory.Evals.Commands;

/// <summary>Options that say which model answers and where it runs: <c>--model</c>, <c>--provider</c>, <c>--cuda-plugin</c>, <c>--threads</c>.</summary>
public sealed class ModelOptions
{
    private readonly ModelOption _model = new();
    private readonly Option<string> _provider = CheckedOption.OneOf("--provider", "Where the model runs: auto takes CUDA where it is usable.", "auto", "cpu", "cuda");
    private readonly Option<string?> _plugin = new("--cuda-plugin") { Description = "ONNX Runtime plugin library that brings the CUDA provider.", HelpName = "FILE" };
    private readonly Option<int> _threads = ThreadsOption.Create();

    public void AddTo(Command command)
    {
        command.Options.Add(_model.Option);
        command.Options.Add(_provider);
        command.Options.Add(_plugin);
        command.Options.Add(_threads);
    }

    /// <summary>The bundle that was named, or the latest.</summary>
    /// <exception cref="UserError">None was named and there is no latest.</exception>
    public string Directory(ParseResult parsed) => _model.Directory(parsed);

    /// <summary>Where and how it runs.</summary>
    public RuntimeOptions Runtime(ParseResult parsed) => new()
    {
        Provider = Enum.Parse<ProviderChoice>(parsed.GetRequiredValue(_provider), ignoreCase: true),
        CudaPlugin = parsed.GetValue(_plugin),
        Threads = parsed.GetValue(_threads),
    };

    /// <summary>Loads the bundle and replays its probe: only the model that was trained is scored.</summary>
    /// <exception cref="UserError">There is no such bundle, or its logits are not the trained model's.</exception>
    public LanguageModel Load(ParseResult parsed)
    {
        Bundle bundle = Bundle.Open(Directory(parsed));
        LanguageModel model = LanguageModel.Load(bundle, Runtime(parsed), Console.Error.WriteLine);
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

    /// <summary>Loads an encoder's bundle and replays its probe.</summary>
    /// <exception cref="UserError">It is none, or its outputs are not the published model's.</exception>
    public EncoderModel LoadEncoder(ParseResult parsed)
    {
        EncoderBundle bundle = EncoderBundle.Open(Directory(parsed));
        EncoderModel model = EncoderModel.Load(bundle, Runtime(parsed));
        try
        {
            model.VerifyProbe(bundle.Directory);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
