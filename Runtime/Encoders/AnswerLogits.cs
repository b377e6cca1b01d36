namespace Factory.Runtime.Encoders;

/// <summary>How likely an answer starts and ends at each token of a row.</summary>
/// <param name="Start">(time).</param>
/// <param name="End">(time).</param>
public sealed record AnswerLogits(float[] Start, float[] End);
