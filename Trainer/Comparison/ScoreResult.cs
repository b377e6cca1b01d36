namespace Factory.Trainer.Comparison;

/// <summary>What one model of a comparison scored.</summary>
/// <param name="Tuning">full, lisa or lora; null before fine-tuning.</param>
/// <param name="Run">Its directory, relative to the comparison's.</param>
/// <param name="Accuracy">By task, and their mean as "average".</param>
public sealed record ScoreResult(string Method, ulong Seed, string? Tuning, string Run, IReadOnlyDictionary<string, double> Accuracy);
