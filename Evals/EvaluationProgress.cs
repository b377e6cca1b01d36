namespace Factory.Evals;

/// <summary>How far an evaluation is.</summary>
/// <param name="Task">The task that is running.</param>
/// <param name="Done">Questions answered so far, over all tasks.</param>
/// <param name="Total">Questions of all tasks.</param>
public readonly record struct EvaluationProgress(string Task, int Done, int Total);
