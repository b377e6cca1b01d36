namespace Factory.Evals.Scoring;

/// <summary>What a metric finds in one document.</summary>
/// <param name="Weight">What the value is divided by in the end: 1, or the document's words, bytes or tokens.</param>
public readonly record struct Measurement(double Value, double Weight = 1);
