using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.LibTorch;

namespace Factory.Trainer.Import;

/// <summary>Turns somebody else's weights into a run with one checkpoint, at step 0, like those that training writes: probe, manifest and all. The model is never in memory as a whole.</summary>
internal static class CheckpointImport
{
    /// <param name="run">The run to write; becomes the latest of its siblings.</param>
    /// <param name="tokenizer">A SentencePiece model file that comes along, or null.</param>
    /// <param name="advance">Called after each of <see cref="Stages"/>.</param>
    /// <returns>The checkpoint's directory.</returns>
    /// <exception cref="UserError">The run has been trained, or a file is not what it should be.</exception>
    public static string Write(
        string run, IWeightSource source, string? tokenizer, IReadOnlyDictionary<string, string> facts, Action advance, CancellationToken cancellationToken)
    {
        RequireFresh(run);
        LibTorchLibrary.Prepare();
        string checkpoint = CheckpointFolder.OfStep(run, 0);
        CheckpointWriter.Write(
            checkpoint, source.Architecture, tokenizer, facts,
            path => WeightStream.Copy(source.Architecture.Parameters, source.Read, path, advance, cancellationToken),
            path =>
            {
                using SafetensorsReader weights = SafetensorsReader.Open(path);
                return StreamedProbe.Record(source.Architecture, weights, advance, cancellationToken);
            });
        LatestName.Write(run, Console.Error.WriteLine);
        return checkpoint;
    }

    /// <summary>Steps of an import, for a progress bar: the tensors to copy, then the blocks that the probe goes through.</summary>
    public static int Stages(LlamaArchitecture architecture) => architecture.Parameters.Count + architecture.BlockCount;

    /// <exception cref="SettingError">The run has been trained, or cannot be written.</exception>
    public static void RequireFresh(string run)
    {
        if (CheckpointFolder.Steps(run) is [.., ( > 0, string trained)])
        {
            throw new SettingError("output", $"expected a new run or one that was imported, found a trained checkpoint {trained}. Choose another.");
        }
        OutputPath.RequireCreatable("output", run);
    }
}
