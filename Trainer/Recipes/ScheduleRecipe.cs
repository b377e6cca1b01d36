namespace Factory.Trainer.Recipes;

/// <summary>How long, and with which learning rates.</summary>
public sealed record ScheduleRecipe
{
    public required ScheduleShape Shape { get; init; }

    /// <summary>Updates in all.</summary>
    public required long Steps { get; init; }

    /// <summary>Peak of the schedule.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Updates of the linear warm-up from 0.</summary>
    public required long WarmupSteps { get; init; }

    /// <summary>Updates of the decay at the end, of <see cref="ScheduleShape.Wsd"/> only.</summary>
    public required long DecaySteps { get; init; }

    /// <summary>Where cosine and decay end, as a share of the peak.</summary>
    public required double MinLrRatio { get; init; }
}
