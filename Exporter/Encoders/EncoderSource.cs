using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Core.Text;

namespace Factory.Exporter.Encoders;

/// <summary>A BERT's checkpoint to export: checked against its manifest and against the table of its config.json's tensors.</summary>
public sealed class EncoderSource : IDisposable
{
    private readonly SafetensorsReader _weights;

    private EncoderSource(string directory, Manifest manifest, BertArchitecture model)
    {
        Directory = directory;
        Manifest = manifest;
        Model = model;
        _weights = SafetensorsReader.Open(Path.Combine(directory, CheckpointFolder.WeightsFile));
    }

    public string Directory { get; }

    public Manifest Manifest { get; }

    public BertArchitecture Model { get; }

    /// <summary>Files that a bundle takes over as they are.</summary>
    public IReadOnlyList<string> FilesToKeep => [Probe.FileName, .. WordPieceTokenizer.FilesIn(Directory).Select(file => Path.GetFileName(file))];

    /// <summary>Whether the checkpoint in <paramref name="directory"/> is a BERT's.</summary>
    public static bool IsAt(string directory) => BertConfig.IsAt(directory);

    /// <exception cref="UserError">It is no checkpoint of a BERT, is damaged, or its tensors are not those of its configuration.</exception>
    public static EncoderSource Open(string directory)
    {
        var source = new EncoderSource(directory, Manifest.Read(directory, CheckpointFolder.Kind), BertConfig.Read(directory));
        try
        {
            CatalogCheck.Require(BertParameters.All(source.Model), source._weights.Entries, source._weights.Path);
            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>A parameter as float32, row-major.</summary>
    public float[] Read(string parameter) => _weights.ReadSingles(parameter);

    public void Dispose() => _weights.Dispose();
}
