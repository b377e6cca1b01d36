namespace Factory.Trainer.Comparison;

/// <summary>What one fine-tuning of a comparison came to.</summary>
/// <param name="Tuning">full, lisa or lora.</param>
/// <param name="Run">Its directory, relative to the comparison's.</param>
/// <param name="Loss">On the held-out answers at the end, nats per token; null where it was not finite, or nothing was held out.</param>
/// <param name="AnswerAccuracy">Share of the held-out rows that greedy decoding answers exactly.</param>
/// <param name="Diverged">Stopped by the divergence guard, or its loss is no number.</param>
/// <param name="TokensPerSecond">Median over the steps.</param>
public sealed record TuningResult(
    string Method, ulong Seed, string Tuning, string Run, long Steps, long Tokens, double? Loss, double? AnswerAccuracy, bool Diverged, double TokensPerSecond);
