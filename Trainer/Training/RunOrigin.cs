using System.Text.Json;
using Factory.Core;
using Factory.Core.Journal;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>What a run was started with.</summary>
/// <param name="Data">Directory of the tokens.</param>
/// <param name="DataHash">Content hash of the tokens' manifest.</param>
public sealed record RunOrigin(Recipe Recipe, string Data, string DataHash)
{
    /// <summary>As a checkpoint remembers it.</summary>
    /// <exception cref="UserError">The checkpoint's recipe has settings that this version does not know.</exception>
    public static RunOrigin FromState(TrainerState state, string checkpoint)
    {
        string where = Path.Combine(checkpoint, TrainerState.FileName);
        JsonElement recipe = state.Recipe ?? state.Options ?? throw new UserError($"{where}: expected a recipe, found none.");
        return new RunOrigin(RecipeJson.ReadStored(recipe, where), state.Data, state.DataHash);
    }

    /// <summary>As the journal's first line remembers it; null where there is none that is whole (the process was killed while it wrote it: nothing was trained).</summary>
    public static RunOrigin? FromJournal(string run) => JournalFile.ReadHeader(run) is HeaderRecord header
        ? new RunOrigin(RecipeJson.ReadStored(header.Recipe, Path.Combine(run, JournalFile.Name)), header.Data, header.DataSha256)
        : null;
}
