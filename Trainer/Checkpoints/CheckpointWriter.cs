using System.Globalization;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;
using Factory.Core.Text;
using Factory.Trainer.Model;
using TorchSharp;

namespace Factory.Trainer.Checkpoints;

/// <summary>
/// Writes a checkpoint directory: config.json, the tokenizer, model.safetensors (float32, unfolded, the catalog's names), probe.safetensors
/// and manifest.json. It appears whole or not at all.
/// </summary>
public static class CheckpointWriter
{
    /// <param name="target">The directory to write; one that stands there is replaced.</param>
    /// <param name="tokenizerPath">The model's tokenizer file; null where there is none.</param>
    /// <param name="facts">Origin and counts, for the manifest.</param>
    /// <param name="more">Writes further files into the directory it is given.</param>
    public static void Write(string target, LlamaModel model, string? tokenizerPath, IReadOnlyDictionary<string, string> facts, Action<string>? more = null) =>
        Write(
            target, model.Architecture, tokenizerPath, facts,
            path => WeightFile.Write(path, [.. model.Architecture.Parameters.Select(spec => (spec.Name, (torch.Tensor)model.Weights[spec.Name]))], WeightsMetadata),
            _ => ProbeRecorder.Record(model),
            more);

    /// <summary>What model.safetensors says of itself, as PyTorch's writers do.</summary>
    internal static Dictionary<string, string> WeightsMetadata { get; } = new() { ["format"] = "pt" };

    /// <summary>The same for weights that need not be in memory.</summary>
    /// <param name="writeWeights">Writes model.safetensors at the path it is given.</param>
    /// <param name="record">The probe of the weights in that file.</param>
    /// <inheritdoc cref="Write(string, LlamaModel, string?, IReadOnlyDictionary{string, string}, Action{string}?)"/>
    internal static void Write(
        string target, LlamaArchitecture architecture, string? tokenizerPath, IReadOnlyDictionary<string, string> facts, Action<string> writeWeights, Func<string, Probe> record, Action<string>? more = null)
    {
        using var directory = AtomicDirectory.Create(target);
        ConfigJson.Write(directory.Path, architecture);
        if (tokenizerPath is not null)
        {
            TokenizerFiles.Copy(tokenizerPath, directory.Path);
        }
        string weights = Path.Combine(directory.Path, CheckpointFolder.WeightsFile);
        writeWeights(weights);
        record(weights).Write(directory.Path);
        more?.Invoke(directory.Path);
        var all = new Dictionary<string, string>(facts)
        {
            ["parameters"] = architecture.Parameters.TotalCount.ToString(CultureInfo.InvariantCulture),
            ["norm_scheme"] = architecture.NormScheme.Name,
        };
        Manifest.Write(directory.Path, CheckpointFolder.Kind, all);
        directory.Commit();
    }
}
