using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Model;
using TorchSharp;

namespace Factory.Trainer.Import;

/// <summary>Turns somebody else's weights into a run with one checkpoint, at step 0, like those that training writes: probe, manifest and all.</summary>
internal static class CheckpointImport
{
    /// <param name="run">The run to write; becomes the latest of its siblings.</param>
    /// <param name="tokenizer">A SentencePiece model file that comes along, or null.</param>
    /// <param name="advance">Told the number of tensors read so far.</param>
    /// <returns>The checkpoint's directory.</returns>
    /// <exception cref="UserError">The run has been trained, or a file is not what it should be.</exception>
    public static string Write(
        string run, IWeightSource source, string? tokenizer, IReadOnlyDictionary<string, string> facts, Action<int> advance, CancellationToken cancellationToken)
    {
        RequireFresh(run);
        LibTorchLibrary.Prepare();
        using var model = new LlamaModel(source.Architecture, ModelPlacement.Cpu());
        using (torch.no_grad())
        {
            int read = 0;
            foreach (ParameterSpec parameter in source.Architecture.Parameters)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var values = new float[parameter.Count];
                source.Read(parameter, values);
                using torch.Tensor tensor = torch.tensor(values, [.. parameter.Shape]);
                model.Weights[parameter.Name].copy_(tensor);
                advance(++read);
            }
        }
        string checkpoint = CheckpointFolder.OfStep(run, 0);
        CheckpointWriter.Write(checkpoint, model, tokenizer, facts);
        LatestName.Write(run, Console.Error.WriteLine);
        return checkpoint;
    }

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
