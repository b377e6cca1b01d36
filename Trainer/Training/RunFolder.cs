using System.Globalization;
using System.Reflection;
using Factory.Core;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Core.Safetensors;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Training;

/// <summary>A run's directory: its journal and its checkpoints.</summary>
public sealed class RunFolder(string path)
{
    public const string OptimizerFile = "optimizer.safetensors";

    public static string TrainerVersion { get; } = VersionOf(typeof(RunFolder));

    public static string TorchSharpVersion { get; } = VersionOf(typeof(torch));

    public string Path { get; } = path;

    /// <summary>Whether a run was started here.</summary>
    public bool IsStarted => File.Exists(System.IO.Path.Combine(Path, Journal.FileName)) || CheckpointFolder.Steps(Path).Count > 0;

    /// <summary>Whether a damaged checkpoint was set aside here.</summary>
    public bool HasDamaged => Directory.Exists(Path) && Directory.EnumerateDirectories(Path, "*.damaged", SearchOption.AllDirectories).Any();

    /// <summary>
    /// The newest checkpoint that is whole, or null where there is none yet. Damaged newer ones are set aside under another name, each with a line
    /// to <paramref name="log"/>.
    /// </summary>
    public (string Path, TrainerState State)? Newest(Action<string> log)
    {
        foreach ((_, string checkpoint) in CheckpointFolder.Steps(Path).Reverse())
        {
            try
            {
                Manifest.Read(checkpoint, CheckpointFolder.Kind);
                return (checkpoint, TrainerState.Read(checkpoint));
            }
            catch (UserError damage)
            {
                string aside = $"{checkpoint}.damaged";
                if (Directory.Exists(aside))
                {
                    Directory.Delete(aside, recursive: true);
                }
                Directory.Move(checkpoint, aside);
                log($"{damage.Message} It was set aside as {aside}; the checkpoint before it is used.");
            }
        }
        return null;
    }

    /// <summary>Writes the checkpoint of <paramref name="state"/>, then removes all but the newest ones.</summary>
    /// <returns>Where it stands.</returns>
    public string Save(LlamaModel model, AdamW optimizer, TrainerState state, string tokenizerPath)
    {
        string target = CheckpointFolder.OfStep(Path, state.Step);
        CheckpointWriter.Write(target, model, tokenizerPath, Facts(state), directory =>
        {
            WeightFile.Write(System.IO.Path.Combine(directory, OptimizerFile), optimizer.State);
            state.Write(directory);
        });
        foreach ((_, string old) in CheckpointFolder.Steps(Path).SkipLast(state.Options.Keep))
        {
            Directory.Delete(old, recursive: true);
        }
        return target;
    }

    /// <summary>Puts weights, optimizer and random state back to what a checkpoint holds.</summary>
    public static void Restore(string checkpoint, TrainerState state, LlamaModel model, AdamW optimizer)
    {
        using (SafetensorsReader weights = SafetensorsReader.Open(System.IO.Path.Combine(checkpoint, CheckpointFolder.WeightsFile)))
        {
            WeightFile.Load(model, weights);
        }
        using SafetensorsReader moments = SafetensorsReader.Open(System.IO.Path.Combine(checkpoint, OptimizerFile));
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor value) in optimizer.State)
        {
            value.copy_(WeightFile.Read(moments, name));
        }
        optimizer.Steps = state.Step;
        set_rng_state(tensor(Convert.FromBase64String(state.RandomState)));
    }

    /// <summary>State of libtorch's CPU generator, as <see cref="Restore"/> takes it.</summary>
    public static string RandomState()
    {
        using Tensor state = get_rng_state();
        return Convert.ToBase64String(state.bytes);
    }

    private static Dictionary<string, string> Facts(TrainerState state) => new()
    {
        ["step"] = state.Step.ToString(CultureInfo.InvariantCulture),
        ["tokens"] = (state.SequencesTaken * state.Options.SequenceLength).ToString(CultureInfo.InvariantCulture),
        ["preset"] = state.Options.Preset,
        ["precision"] = state.Options.Precision,
        ["seed"] = state.Options.Seed.ToString(CultureInfo.InvariantCulture),
        ["data_sha256"] = state.DataHash,
        ["trainer_version"] = TrainerVersion,
        ["torchsharp_version"] = TorchSharpVersion,
    };

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
