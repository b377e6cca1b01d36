namespace Factory.Evals;

/// <summary>What an evaluation gave: scores, and every answer behind them.</summary>
public sealed record EvaluationRun(EvaluationReport Report, IReadOnlyList<AnsweredTask> Tasks);
