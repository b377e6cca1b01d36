namespace Factory.Trainer.Training;

/// <summary>What one update was measured to be.</summary>
/// <param name="Loss">Mean cross-entropy over the update's valid tokens, before the update, in nats.</param>
/// <param name="LearningRate">The rate it was, or would have been, applied with.</param>
/// <param name="ValidTokens">Labels that counted, over all ranks.</param>
public sealed record StepReport(double Loss, double LearningRate, GradientNorms Gradient, long ValidTokens)
{
    public bool IsFinite => double.IsFinite(Loss) && double.IsFinite(Gradient.Total);
}
