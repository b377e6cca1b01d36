using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.Models;

/// <summary>
/// The model that the server answers with. Its manifest and config.json are read before the server listens; <see cref="ModelLoader"/> does the rest:
/// <code>Loading ─► Ready
///         └──► Failed (with the reason)</code>
/// </summary>
internal sealed class ServedModel : IDisposable
{
    private readonly Manifest _manifest;
    private readonly LlamaArchitecture _architecture;
    private volatile LanguageModel? _loaded;
    private volatile string? _failure;

    /// <exception cref="Core.UserError">The directory is not a bundle.</exception>
    public ServedModel(ServerOptions options)
    {
        Directory = options.Model;
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Directory)));
        _manifest = Manifest.Read(Directory, BundleFolder.Kind, checkHashes: false);
        _architecture = ConfigJson.Read(Directory);
    }

    public string Directory { get; }

    public string Name { get; }

    /// <summary>Why the model will not be served; null while there is hope.</summary>
    public string? Failure => _failure;

    /// <summary>The model, once it is ready.</summary>
    public LanguageModel? Loaded => _loaded;

    /// <exception cref="RefusedException">503: it is still being loaded, or failed.</exception>
    public LanguageModel Require() => _loaded
        ?? throw (_failure is string reason
            ? new RefusedException(Problem.Of(StatusCodes.Status503ServiceUnavailable, $"The model '{Name}' is not served: {reason}"))
            : Problem.Later($"The model '{Name}' is being loaded.", seconds: 1));

    /// <summary>The model, which can read text.</summary>
    /// <exception cref="RefusedException">503: it is still being loaded, or failed. 501: it has no tokenizer.</exception>
    public LanguageModel RequireText()
    {
        LanguageModel model = Require();
        if (model.Bundle.Tokenizer is null)
        {
            throw new RefusedException(Problem.Of(
                StatusCodes.Status501NotImplemented,
                $"The model '{Name}' came without a tokenizer, so that it cannot read text. Put one of {string.Join(", ", TextTokenizer.FileNames)} beside the weights and import them again."));
        }
        return model;
    }

    public void Succeed(LanguageModel model) => _loaded = model;

    public void Fail(string reason) => _failure = reason;

    public ModelEntry Describe() => new()
    {
        Name = Name,
        State = _loaded is not null ? ModelState.Ready : _failure is not null ? ModelState.Failed : ModelState.Loading,
        Reason = _failure,
        Architecture = new ModelSizes(
            _architecture.VocabularySize,
            _architecture.HiddenSize,
            _architecture.IntermediateSize,
            _architecture.BlockCount,
            _architecture.Heads,
            _architecture.KeyValueHeads,
            _architecture.HeadSize),
        Parameters = _architecture.Parameters.TotalCount,
        NormScheme = _architecture.NormScheme.Name,
        Precision = _manifest.Facts.GetValueOrDefault(BundleFolder.PrecisionFact),
        Provider = _loaded?.Provider,
        ContextLength = _architecture.MaxPositions,
        ContentHash = _manifest.ContentHash,
    };

    public void Dispose() => _loaded?.Dispose();
}
