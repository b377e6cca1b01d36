using System.Text.Json.Nodes;

namespace Factory.Trainer.Training;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Given">Options of the run that were given, by their <see cref="TrainingOptions"/> key.</param>
/// <param name="Data">Directory of tokens; null for that of the run, or the bundled corpus.</param>
/// <param name="Output">The run's directory; null for runs/PRESET-NORM.</param>
/// <param name="Resume">Go on with a run that was started.</param>
/// <param name="Device">"auto", "cpu", "cuda" or "cuda:n".</param>
/// <param name="Threads">CPU threads; 0 for one per core.</param>
public sealed record PretrainRequest(JsonObject Given, string? Data, string? Output, bool Resume, string Device, int Threads);
