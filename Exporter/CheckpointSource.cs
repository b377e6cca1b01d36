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
    private readonly SafetensorsReader _weights;

    private CheckpointSource(string directory, Manifest manifest)
    {
        Directory = directory;
        Manifest = manifest;
        Architecture = ConfigJson.Read(directory);
        _weights = SafetensorsReader.Open(Path.Combine(directory, CheckpointFolder.WeightsFile));
    }

    public string Directory { get; }

    public Manifest Manifest { get; }

    public LlamaArchitecture Architecture { get; }

    /// <summary>A name that depends on the content alone: method, parameters, start of the hash.</summary>
    public string Title => $"{Architecture.NormScheme.Name}-{Count(Architecture.Parameters.TotalCount)}-{Manifest.ContentHash[..8]}";

    /// <exception cref="UserError">It is no checkpoint, is damaged, or its tensors are not those of its architecture.</exception>
    public static CheckpointSource Open(string directory)
    {
        var source = new CheckpointSource(directory, Manifest.Read(directory, CheckpointFolder.Kind));
        try
        {
            source.RequireCausal();
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
    public float[] Read(string parameter) => _weights.ReadSingles(parameter);

    /// <summary>Files that a bundle takes over as they are.</summary>
    public IEnumerable<string> FilesToKeep() =>
        TokenizerFiles.FindIn(Directory) is string tokenizer ? [Probe.FileName, .. TokenizerFiles.Beside(tokenizer).Select(file => Path.GetFileName(file))] : [Probe.FileName];

    public void Dispose() => _weights.Dispose();

    private void RequireCausal()
    {
        if (!Architecture.IsCausal)
        {
            throw new UserError($"{Directory}: expected a model whose tokens see only what stands before them, found norm_scheme {Architecture.NormScheme}, "
                + "whose norms take their statistics over later tokens too. It can be trained and compared, but it cannot generate.");
        }
    }

    private static string Count(long parameters) => parameters switch
    {
        >= 1_000_000_000 => FormattableString.Invariant($"{parameters / 1e9:0.0}B"),
        >= 1_000_000 => FormattableString.Invariant($"{parameters / 1e6:0}M"),
        _ => FormattableString.Invariant($"{parameters / 1e3:0}K"),
    };
}
