namespace Factory.Trainer.Training;

/// <summary>Linear warm-up from 0, then a cosine down to a tenth of the peak.</summary>
/// <param name="WarmupSteps">The step, from zero, that first has the peak rate.</param>
/// <param name="Steps">Steps in all; the cosine would reach its floor at this one.</param>
public sealed record LearningRateSchedule(double Peak, long WarmupSteps, long Steps)
{
    private const double Floor = 0.1;

    /// <summary>The rate of update number <paramref name="step"/>, from zero. The first has rate 0 when there is a warm-up.</summary>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * step / WarmupSteps;
        }
        double progress = Math.Min(1, (double)(step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps));
        return Peak * (Floor + ((1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
