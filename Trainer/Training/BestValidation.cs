namespace Factory.Trainer.Training;

/// <summary>The best validation of a run so far.</summary>
/// <param name="Step">Updates done when it was measured.</param>
/// <param name="Loss">Mean cross-entropy, nats per token.</param>
/// <param name="Since">Validations after it, none of them better.</param>
public sealed record BestValidation(long Step, double Loss, int Since)
{
    /// <summary>The best after one more.</summary>
    /// <remarks>A loss that is not finite is never the best.</remarks>
    public static BestValidation? After(BestValidation? best, long step, double loss) =>
        double.IsFinite(loss) && !(best?.Loss <= loss) ? new BestValidation(step, loss, 0)
        : best is null ? null
        : best with { Since = best.Since + 1 };
}
