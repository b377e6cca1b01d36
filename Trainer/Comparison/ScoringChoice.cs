namespace Factory.Trainer.Comparison;

/// <summary>What the models of a comparison are asked: the seven tasks of the paper's Table 3.</summary>
/// <param name="Data">Folder of the tasks' data, as Evals takes it.</param>
/// <param name="Limit">Documents a task (of MMLU: a subject), or below 1 the fraction of them; null for all.</param>
internal sealed record ScoringChoice(string Data, double? Limit);
