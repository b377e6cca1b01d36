using System.Globalization;
using System.Reflection;
using Factory.Core;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Core.Journal;
using Factory.Core.Safetensors;
using Factory.Trainer.Checkpoints;
using Factory.Trainer.Model;
using Factory.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using IO = System.IO;

namespace Factory.Trainer.Training;

/// <summary>A run's directory: its journal and its checkpoints.</summary>
public sealed class RunFolder(string path)
{
    public const string OptimizerFile = "optimizer.safetensors";

    /// <summary>Names, in one line, the checkpoint with the best validation.</summary>
    public const string BestFile = "best";

    public static string TrainerVersion { get; } = VersionOf(typeof(RunFolder));

    public static string TorchSharpVersion { get; } = VersionOf(typeof(torch));

    public string Path { get; } = path;

    /// <summary>Whether a run was started here.</summary>
    public bool IsStarted => File.Exists(IO.Path.Combine(Path, JournalFile.Name)) || CheckpointFolder.Steps(Path).Count > 0;

    /// <summary>Whether a damaged checkpoint was set aside here.</summary>
    public bool HasDamaged => Directory.Exists(Path) && Directory.EnumerateDirectories(Path, "*.damaged", SearchOption.AllDirectories).Any();

    /// <summary>
    /// The newest checkpoint that is whole, or null where there is none yet. Newer ones with damaged files are set aside under another name, each with a
    /// line to <paramref name="log"/>. Whoever calls it holds the run's lock.
    /// </summary>
    /// <exception cref="UserError">The newest checkpoint is not damaged, and yet cannot be gone on from: it is an imported one, or of another version.</exception>
    public (string Path, TrainerState State)? Newest(Action<string> log)
    {
        foreach ((_, string checkpoint) in CheckpointFolder.Steps(Path).Reverse())
        {
            try
            {
                Manifest.Read(checkpoint, CheckpointFolder.Kind);
            }
            catch (DamageError damage)
            {
                string aside = $"{checkpoint}.damaged";
                if (Directory.Exists(aside))
                {
                    Directory.Delete(aside, recursive: true);
                }
                Directory.Move(checkpoint, aside);
                log($"{damage.Message} It was set aside as {aside}; the checkpoint before it is used.");
                continue;
            }
            return TrainerState.Read(checkpoint) is TrainerState state
                ? (checkpoint, state)
                : throw new UserError($"{checkpoint}: expected the training state of a run, found none: these weights were imported, not trained here. Export them as they are, or start a run with --output.");
        }
        return null;
    }

    /// <summary>Writes the checkpoint of <paramref name="state"/>, then removes all but the newest ones and the best.</summary>
    /// <param name="more">Writes further files into the directory it is given.</param>
    /// <returns>Where it stands.</returns>
    public string Save(LlamaModel model, AdamW optimizer, TrainerState state, Recipe recipe, string tokenizerPath, Action<string>? more = null)
    {
        string target = CheckpointFolder.OfStep(Path, state.Step);
        CheckpointWriter.Write(target, model, tokenizerPath, Facts(state, recipe), directory =>
        {
            WeightFile.Write(IO.Path.Combine(directory, OptimizerFile), optimizer.State);
            more?.Invoke(directory);
            state.Write(directory);
        });
        NameBest(state.Best);
        foreach ((long step, string old) in CheckpointFolder.Steps(Path).SkipLast(recipe.Run.Keep))
        {
            if (step != state.Best?.Step)
            {
                Directory.Delete(old, recursive: true);
            }
        }
        return target;
    }

    /// <summary>Puts weights, optimizer and random state back to what a checkpoint holds.</summary>
    public static void Restore(string checkpoint, TrainerState state, LlamaModel model, AdamW optimizer)
    {
        using (SafetensorsReader weights = SafetensorsReader.Open(IO.Path.Combine(checkpoint, CheckpointFolder.WeightsFile)))
        {
            WeightFile.Load(model, weights);
        }
        RestoreOptimizer(checkpoint, state, optimizer);
    }

    /// <summary>Puts optimizer and random state back to what a checkpoint holds.</summary>
    public static void RestoreOptimizer(string checkpoint, TrainerState state, AdamW optimizer)
    {
        using SafetensorsReader moments = SafetensorsReader.Open(IO.Path.Combine(checkpoint, OptimizerFile));
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor value) in optimizer.State)
        {
            value.copy_(WeightFile.Read(moments, name));
        }
        optimizer.Counts = state.OptimizerCounts ?? [.. Enumerable.Repeat(state.OptimizerSteps ?? state.Step, optimizer.Parameters.All.Count)];
        set_rng_state(tensor(Convert.FromBase64String(state.RandomState)));
    }

    /// <summary>State of libtorch's CPU generator, as <see cref="Restore"/> takes it.</summary>
    public static string RandomState()
    {
        using Tensor state = get_rng_state();
        return Convert.ToBase64String(state.bytes);
    }

    private void NameBest(BestValidation? best)
    {
        if (best is not null && Directory.Exists(CheckpointFolder.OfStep(Path, best.Step)))
        {
            AtomicFile.Write(IO.Path.Combine(Path, BestFile), StrictUtf8.Encoding.GetBytes($"{IO.Path.GetFileName(CheckpointFolder.OfStep(Path, best.Step))}\n"));
        }
    }

    private static Dictionary<string, string> Facts(TrainerState state, Recipe recipe) => new()
    {
        ["step"] = state.Step.ToString(CultureInfo.InvariantCulture),
        ["tokens"] = (state.Tokens ?? 0).ToString(CultureInfo.InvariantCulture),
        ["recipe"] = recipe.Name,
        ["preset"] = recipe.Model.Preset,
        ["precision"] = RecipeSettings.Named("precision").Text(recipe),
        ["seed"] = recipe.Run.Seed.ToString(CultureInfo.InvariantCulture),
        ["data_sha256"] = state.DataHash,
        ["trainer_version"] = TrainerVersion,
        ["torchsharp_version"] = TorchSharpVersion,
    };

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
