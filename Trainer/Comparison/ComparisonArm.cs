using Factory.Core.Checkpoints;
using Factory.Core.Journal;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Comparison;

/// <summary>One run of a comparison.</summary>
/// <param name="Method">As the table names it.</param>
/// <param name="Given">The values of its recipe.</param>
/// <param name="Folder">Its run's directory.</param>
internal sealed record ComparisonArm(string Method, ulong Seed, RecipeChanges Given, string Folder)
{
    /// <summary>Less of a fall than this, in nats from one validation to the next, is none.</summary>
    private const double Fall = 0.02;

    /// <summary>What a finished run came to, read without touching it; null where it is not finished.</summary>
    /// <exception cref="Core.SettingError">A run of another recipe stands there.</exception>
    public ArmResult? Finished(Recipe recipe, string root, double unigram)
    {
        if (CheckpointFolder.Steps(Folder) is not [.., (_, string checkpoint)] || TrainerState.Read(checkpoint) is not TrainerState state)
        {
            return null;
        }
        RunOrigin.FromState(state, checkpoint).Recipe.RequireSameRun(recipe);
        RunHistory history = RunHistory.Read(Folder);
        bool stopped = history.Events.Any(happened => happened.Kind == "diverged");
        if (!stopped && state.Step < recipe.Schedule.Steps && !TrainingLoop.IsOver(state.Best, recipe.Run.Patience))
        {
            return null;
        }
        ValidationRecord? last = history.Validations.Count > 0 ? history.Validations[^1] : null;
        return new ArmResult(
            Method, Seed, Path.GetRelativePath(root, Folder), state.Step, state.Tokens ?? 0, last?.Perplexity,
            history.Validations.Min(validation => validation.Perplexity),
            stopped || Stands(history.Validations, unigram),
            last?.BlockOutputVariance, Math.Round(history.TokensPerSecond, 1));
    }

    /// <summary>Whether the last loss is no number, or no better than the frequencies of tokens and no longer falling: how a run looks that diverged without breaking.</summary>
    private static bool Stands(IReadOnlyList<ValidationRecord> validations, double unigram) => validations.Count > 0
        && (validations[^1].Loss is not double loss
            || (loss > Math.Log(unigram) && validations.Count > 1 && !(validations[^2].Loss - loss > Fall)));
}
