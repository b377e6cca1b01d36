using Factory.Core.Text;

namespace Factory.Trainer.Training;

/// <summary>Where a run's data comes from; goes into every checkpoint.</summary>
/// <param name="Directory">Directory of the tokens, or the files of instructions.</param>
/// <param name="Hash">What identifies their content.</param>
public sealed record TrainingSource(string Directory, string Hash, TextTokenizer Tokenizer);
