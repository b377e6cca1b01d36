namespace Factory.Trainer.Training;

/// <summary>What one update was measured to be.</summary>
/// <param name="Loss">Mean cross-entropy of its micro-batches before the update, in nats per token.</param>
/// <param name="GradientNorm">Norm of the mean gradient, before clipping.</param>
public sealed record StepReport(double Loss, double LearningRate, double GradientNorm);
