using Factory.Core;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>What stands in a run's directory before it is trained on.</summary>
/// <param name="Checkpoint">The newest whole checkpoint and its state; null where there is none yet.</param>
/// <param name="Origin">What the run was started with; null where none was.</param>
internal sealed record FoundRun((string Path, TrainerState State)? Checkpoint, RunOrigin? Origin)
{
    public long Done => Checkpoint?.State.Step ?? 0;

    /// <exception cref="UserError">There is a run and it is not to be resumed, or there is none that can be.</exception>
    public static FoundRun In(RunFolder folder, bool resume, Action<string> log)
    {
        if (!folder.IsStarted)
        {
            return new FoundRun(null, null);
        }
        if (!resume)
        {
            throw new UserError($"{folder.Path}: expected no run there, found one. Add --resume to go on with it, or choose another directory with --output.");
        }
        if (folder.Newest(log) is (string path, TrainerState state))
        {
            return new FoundRun((path, state), RunOrigin.FromState(state, path));
        }
        if (folder.HasDamaged)
        {
            throw new UserError($"{folder.Path}: expected a checkpoint to go on from, found damaged ones only, set aside as *.damaged. Restore one, or start another run with --output.");
        }
        log($"{folder.Path} has no checkpoint yet; starting from the beginning, with the options it was started with");
        return new FoundRun(null, RunOrigin.FromJournal(folder.Path));
    }

    /// <summary>The recipe to go on with: that of the start, and of <paramref name="given"/> what may change; <paramref name="asked"/> where nothing was started.</summary>
    /// <exception cref="SettingError">A value that was given would make another run.</exception>
    public Recipe Continue(RecipeChanges given, Recipe asked)
    {
        if (Origin is null)
        {
            return asked;
        }
        Recipe started = Origin.Recipe;
        Recipe recipe = given.Over(started).Validate();
        started.RequireSameRun(recipe);
        RequireExtendable(started.Schedule, recipe.Schedule.Steps);
        return recipe;
    }

    /// <summary>Other steps must leave the rates of the updates that are done as they were.</summary>
    private void RequireExtendable(ScheduleRecipe started, long steps)
    {
        if (steps == started.Steps)
        {
            return;
        }
        if (started.Shape == ScheduleShape.Cosine)
        {
            throw new SettingError("steps", $"the run was started with {started.Steps} and a cosine, whose every rate depends on them, found {steps}. "
                + "Start another run with --output; with --schedule wsd or constant it can be extended.");
        }
        if (steps < Done)
        {
            throw new SettingError("steps", $"expected at least the {Done} that are done, found {steps}.");
        }
        if (started.Shape == ScheduleShape.Wsd && steps < started.Steps && Done > steps - started.DecaySteps)
        {
            throw new SettingError("steps", $"expected at least {Done + started.DecaySteps} ({Done} are done, and the decay takes {started.DecaySteps}), found {steps}.");
        }
    }
}
