using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Given">Values of the recipe that were given, those of a file included.</param>
/// <param name="Data">Directory of tokens; null for that of the run, or the bundled corpus.</param>
/// <param name="Output">The run's directory; null for runs/PRESET-NORM.</param>
/// <param name="Resume">Go on with a run that was started.</param>
/// <param name="Device">"auto", "cpu", "cuda" or "cuda:n".</param>
/// <param name="Threads">CPU threads; 0 for one per core.</param>
/// <param name="MaxTime">Save and stop after so long; null never.</param>
public sealed record PretrainRequest(RecipeChanges Given, string? Data, string? Output, bool Resume, string Device, int Threads, TimeSpan? MaxTime = null)
{
    /// <summary>Where the run of <paramref name="recipe"/> lies.</summary>
    /// <exception cref="Core.SettingError">The name given is empty.</exception>
    public string OutputOf(Recipe recipe) => Output is null ? Path.Combine("runs", $"{recipe.Model.Preset}-{recipe.Model.Scheme}")
        : !string.IsNullOrWhiteSpace(Output) ? Output
        : throw new Core.SettingError("output", "expected a directory, found an empty name.");
}
