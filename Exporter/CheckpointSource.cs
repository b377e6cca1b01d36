using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Core.Text;

namespace Factory.Exporter;

/// <summary>A checkpoint to export: checked against its manifest and against the parameter catalog of its config.json.</summary>
public sealed class CheckpointSource : IDisposable
{
    /// <summary>Bytes of parameters that are read between two collections.</summary>
    private const long CollectBytes = 128 << 20;

    private readonly SafetensorsReader _weights;
    private long _readBytes;

    private CheckpointSource(string directory, Manifest manifest)
    {
        Directory = directory;
        Manifest = manifest;
        Architecture = ConfigJson.Read(directory);
        Probe = Probe.Read(directory);
        _weights = SafetensorsReader.Open(Path.Combine(directory, CheckpointFolder.WeightsFile));
    }

    public string Directory { get; }

    public Manifest Manifest { get; }

    public LlamaArchitecture Architecture { get; }

    /// <summary>What the trained model gave, to be compared with what is written.</summary>
    public Probe Probe { get; }

    /// <summary>A name that depends on the content alone: method, parameters, start of the hash.</summary>
    public string Title => $"{Architecture.NormScheme.Name}-{Count(Architecture.Parameters.TotalCount)}-{Manifest.ContentHash[..8]}";

    /// <exception cref="UserError">It is no checkpoint, is damaged, or its tensors are not those of its architecture.</exception>
    public static CheckpointSource Open(string directory)
    {
        var manifest = Manifest.Read(directory, CheckpointFolder.Kind);
        RequireCausal(directory);
        var source = new CheckpointSource(directory, manifest);
        try
        {
            source.RequireProbe();
            CatalogCheck.Require(source.Architecture.Parameters, source._weights.Entries, source._weights.Path);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>A parameter as float32, row-major, in the shape the catalog gives.</summary>
    public float[] Read(string parameter)
    {
        // Large arrays wait for a full collection, which comes late by itself; what earlier parameters went through is garbage by now.
        long bytes = _weights.Entry(parameter).Count * sizeof(float);
        _readBytes += bytes;
        if (_readBytes > CollectBytes)
        {
            GC.Collect();
            _readBytes = bytes;
        }
        return _weights.ReadSingles(parameter);
    }

    /// <summary>Files that a bundle takes over as they are.</summary>
    public IEnumerable<string> FilesToKeep() =>
        TokenizerFiles.FindIn(Directory) is string tokenizer ? [Probe.FileName, .. TokenizerFiles.Beside(tokenizer).Select(file => Path.GetFileName(file))] : [Probe.FileName];

    public void Dispose() => _weights.Dispose();

    /// <summary>Such a model has no probe either.</summary>
    private static void RequireCausal(string directory)
    {
        LlamaArchitecture model = ConfigJson.Read(directory);
        if (!model.IsCausal)
        {
            throw new UserError($"{directory}: expected a model whose tokens see only what stands before them, found norm_scheme {model.NormScheme}, "
                + "whose norms take their statistics over later tokens too. It can be trained and compared, but it cannot generate.");
        }
    }

    /// <summary>A probe of another model is told before hours of work.</summary>
    private void RequireProbe()
    {
        int vocabulary = Architecture.VocabularySize;
        if (Probe.Logits.Length != Probe.InputIds.Length * Probe.Positions.Length * vocabulary || Probe.Time > Architecture.MaxPositions
            || Probe.InputIds.Any(row => row.Any(id => id < 0 || id >= vocabulary)))
        {
            throw new UserError($"{Path.Combine(Directory, Probe.FileName)}: expected a probe of at most {Architecture.MaxPositions} tokens from 0 to {vocabulary - 1} with their logits, as config.json says, found another model's. Save the checkpoint again.");
        }
    }

    private static string Count(long parameters) => parameters switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{parameters / 1e9:0.0}B"),
        >= 1_000_000 => FormattableString.Invariant($"{parameters / 1e6:0}M"),
        _ => FormattableString.Invariant($"{parameters / 1e3:0}K"),
    };
}
