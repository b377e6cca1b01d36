using System.Globalization;
using Factory.Core.Disk;

namespace Factory.Core.Checkpoints;

/// <summary>
/// Names inside a checkpoint directory, and where a run keeps its checkpoints:
/// <code>
/// runs/NAME/metrics.jsonl                     the journal
/// runs/NAME/checkpoints/step-00000600/        a checkpoint: config.json, tokenizer, model.safetensors, probe.safetensors, manifest.json, …
/// </code>
/// </summary>
public static class CheckpointFolder
{
    public const string Kind = "checkpoint";
    public const string WeightsFile = "model.safetensors";

    private const string Subfolder = "checkpoints";
    private const string StepPrefix = "step-";

    /// <summary>Where <paramref name="run"/> keeps the checkpoint of <paramref name="step"/>.</summary>
    public static string OfStep(string run, long step) => Path.Combine(run, Subfolder, string.Create(CultureInfo.InvariantCulture, $"{StepPrefix}{step:D8}"));

    /// <summary>Complete checkpoints of a run with their steps, oldest first. A half-written one never has such a name.</summary>
    public static IReadOnlyList<(long Step, string Path)> Steps(string run)
    {
        string folder = Path.Combine(run, Subfolder);
        if (!Directory.Exists(folder))
        {
            return [];
        }
        return [.. Directory.EnumerateDirectories(folder, StepPrefix + "*")
            .Select(path => (Ok: long.TryParse(Path.GetFileName(path)[StepPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step), Step: step, Path: path))
            .Where(found => found.Ok)
            .OrderBy(found => found.Step)
            .Select(found => (found.Step, found.Path))];
    }

    /// <summary>The checkpoint that <paramref name="path"/> means: itself, or the highest step of the run it names.</summary>
    /// <exception cref="UserError">There is none.</exception>
    public static string Resolve(string path)
    {
        if (File.Exists(Path.Combine(path, Manifest.FileName)))
        {
            return path;
        }
        return Steps(path) is [.., (_, string last)]
            ? last
            : throw new UserError($"{path}: expected a checkpoint or a run with checkpoints, found {(Directory.Exists(path) ? "neither" : "no such directory")}. "
                + "Train one with 'dotnet run -c Release --project Trainer -- pretrain'.");
    }
}
