using Factory.Core.Architecture;
using Factory.Core.Bundles;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.InferenceApi.Problems;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.Models;

/// <summary>
/// A model that the server answers with. Its manifest and config.json are read at once; <see cref="ModelLoader"/> does the rest:
/// <code>Loading ─► Ready ─► Unloaded (once the last answer is out)
///         └──► Failed (with the reason)</code>
/// </summary>
internal sealed class ServedModel
{
    private readonly Manifest _manifest;
    private readonly LlamaArchitecture _architecture;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LanguageModel? _loaded;
    private InferenceEngine? _engine;
    private TextEngine? _text;
    private string? _failure;
    private int _users;
    private bool _leaving;

    /// <exception cref="Core.UserError">The directory is not a bundle.</exception>
    public ServedModel(string directory, DateTimeOffset since)
    {
        Since = since;
        Directory = directory;
        Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)));
        _manifest = Manifest.Read(Directory, BundleFolder.Kind, checkHashes: false);
        _architecture = ConfigJson.Read(Directory);
    }

    public string Directory { get; }

    /// <summary>When it was taken into service.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>The directory's name: what clients call it.</summary>
    public string Name { get; }

    /// <summary>Most tokens of prompt and continuation together.</summary>
    public int ContextLength => _architecture.MaxPositions;

    /// <summary>Token ids are below it.</summary>
    public int VocabularySize => _architecture.VocabularySize;

    public ModelState State
    {
        get
        {
            lock (_lock)
            {
                return _loaded is not null ? ModelState.Ready : _failure is not null ? ModelState.Failed : ModelState.Loading;
            }
        }
    }

    /// <summary>Why the model will not be served, as a client may read it; null while there is hope.</summary>
    public string? Failure => _failure;

    /// <summary>Whether it failed for lack of memory alone, so that it may be loaded another time.</summary>
    public bool LacksMemory { get; private set; }

    /// <summary>When to try again what lacked memory.</summary>
    public const int MemoryRetrySeconds = 60;

    /// <summary>The model, which stays until the lease is disposed.</summary>
    /// <exception cref="RefusedException">503: it is still being loaded, or failed, or is leaving.</exception>
    public ModelLease Rent()
    {
        lock (_lock)
        {
            if (_loaded is null || _leaving)
            {
                throw _failure is string reason ? NotServed(reason)
                    : Problem.Later(_leaving ? $"The model '{Name}' is being unloaded." : $"The model '{Name}' is being loaded.", seconds: 1);
            }
            _users++;
            return new ModelLease(_loaded, _text, Return);
        }
    }

    private RefusedException NotServed(string reason)
    {
        string detail = $"The model '{Name}' is not served: {reason}";
        return LacksMemory ? Problem.Later(detail, MemoryRetrySeconds) : Problem.Refused(StatusCodes.Status503ServiceUnavailable, detail);
    }

    /// <summary>The model, which can read text.</summary>
    /// <exception cref="RefusedException">503: it is still being loaded, or failed. 501: it has no tokenizer.</exception>
    public ModelLease RentText()
    {
        ModelLease lease = Rent();
        if (lease.Model.Bundle.Tokenizer is not null)
        {
            return lease;
        }
        lease.Dispose();
        throw Problem.Refused(
            StatusCodes.Status501NotImplemented,
            $"The model '{Name}' came without a tokenizer, so that it cannot read text. Put one of {string.Join(", ", TextTokenizer.FileNames)} beside the weights and import them again.");
    }

    public void Succeed(LanguageModel model, InferenceEngine engine)
    {
        lock (_lock)
        {
            (_loaded, _engine) = (model, engine);
            _text = model.Bundle.Tokenizer is null ? null : new TextEngine(engine);
        }
        _settled.TrySetResult();
    }

    /// <summary>Ends once it is loaded or has failed.</summary>
    public Task Settled => _settled.Task;

    /// <summary>What its engine does; null while there is none.</summary>
    public EngineStatistics? Statistics => _engine?.Statistics;

    /// <param name="reason">May name files of the bundle, but not where the bundle lies.</param>
    public void Fail(string reason, bool lacksMemory)
    {
        LacksMemory = lacksMemory;
        _failure = reason.Replace(Directory + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(Directory, Name, StringComparison.Ordinal);
        _settled.TrySetResult();
    }

    /// <summary>Gives the model's memory back, once nobody uses it any more.</summary>
    public async Task UnloadAsync()
    {
        lock (_lock)
        {
            _leaving = true;
            if (_users == 0)
            {
                _idle.TrySetResult();
            }
        }
        await _idle.Task;
        _engine?.Dispose();
        _loaded?.Dispose();
    }

    public ModelEntry Describe() => new()
    {
        Name = Name,
        State = State,
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

    private void Return()
    {
        lock (_lock)
        {
            _users--;
            if (_leaving && _users == 0)
            {
                _idle.TrySetResult();
            }
        }
    }
}
