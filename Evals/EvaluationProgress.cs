namespace Factory.Evals;

/// <summary>Questions of one task answered so far, of how many.</summary>
public readonly record struct EvaluationProgress(string Task, int Done, int Total);
