namespace Factory.Evals.Gates;

/// <summary>Whether a candidate may pass, and why not.</summary>
/// <param name="Reasons">Empty where it passes.</param>
/// <param name="Differences">What was compared.</param>
public sealed record GateVerdict(bool Passes, IReadOnlyList<string> Reasons, IReadOnlyList<Difference> Differences);
