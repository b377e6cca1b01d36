using Factory.Core;
using Factory.Core.Checkpoints;
using Factory.Core.Journal;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>A run that came to its end: trained to it, stopped early, or stopped by the divergence guard.</summary>
/// <param name="State">Of its last checkpoint.</param>
internal sealed record FinishedRun(TrainerState State, RunHistory History)
{
    /// <summary>The journal's word for a run that the guard stopped.</summary>
    private const string Diverged = "diverged";

    public bool WasStopped => History.Events.Any(happened => happened.Kind == Diverged);

    /// <summary>The last validation; null where nothing was held out.</summary>
    public ValidationRecord? Last => History.Validations.Count > 0 ? History.Validations[^1] : null;

    /// <summary>The run in <paramref name="folder"/>, read without touching it; null where it is not finished.</summary>
    /// <param name="dataHash">As <see cref="TrainingSource.Hash"/>.</param>
    /// <exception cref="SettingError">A run of another recipe or of other data stands there.</exception>
    public static FinishedRun? Read(string folder, Recipe recipe, string dataHash)
    {
        if (CheckpointFolder.Steps(folder) is not [.., (_, string checkpoint)] || TrainerState.Read(checkpoint) is not TrainerState state)
        {
            return null;
        }
        var origin = RunOrigin.FromState(state, checkpoint);
        if (origin.DataHash != dataHash)
        {
            throw new SettingError("data", $"the run in {folder} was started on {origin.Data} (hash {origin.DataHash}), found other data (hash {dataHash}). Name that, or start another comparison with --output.");
        }
        origin.Recipe.RequireSameRun(recipe);
        var run = new FinishedRun(state, RunHistory.Read(folder));
        return run.WasStopped || state.Step >= recipe.Schedule.Steps || TrainingLoop.IsOver(state.Best, recipe.Run.Patience) ? run : null;
    }
}
