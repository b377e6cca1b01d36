using Factory.Trainer.Recipes;

namespace Factory.Trainer.FineTuning;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Given">Values of the recipe that were given, those of a file included.</param>
/// <param name="Checkpoint">The model to start from: a checkpoint, or a run.</param>
/// <param name="Data">Files and directories of instructions.</param>
/// <param name="Output">The run's directory; null for the model's with the method behind it.</param>
/// <param name="Resume">Go on with a run that was started.</param>
/// <param name="Device">"auto", "cpu", "cuda" or "cuda:n".</param>
/// <param name="Threads">CPU threads; 0 for one per core.</param>
/// <param name="MaxTime">Save and stop after so long; null never.</param>
public sealed record TuneRequest(RecipeChanges Given, string Checkpoint, IReadOnlyList<string> Data, string? Output, bool Resume, string Device, int Threads, TimeSpan? MaxTime);
