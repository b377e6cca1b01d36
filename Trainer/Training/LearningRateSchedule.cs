using Factory.Trainer.Recipes;

namespace Factory.Trainer.Training;

/// <summary>Linear warm-up from 0, then the course of a <see cref="ScheduleShape"/>.</summary>
public sealed class LearningRateSchedule(ScheduleRecipe recipe)
{
    /// <summary>The rate of update number <paramref name="step"/>, from zero. The first has rate 0 when there is a warm-up.</summary>
    public double At(long step) => step < recipe.WarmupSteps
        ? recipe.LearningRate * step / recipe.WarmupSteps
        : recipe.LearningRate * recipe.Shape switch
        {
            ScheduleShape.Cosine => recipe.MinLrRatio + ((1 - recipe.MinLrRatio) * 0.5 * (1 + Math.Cos(Math.PI * Share(step, recipe.WarmupSteps)))),
            ScheduleShape.Wsd => 1 - ((1 - recipe.MinLrRatio) * Share(step, recipe.Steps - recipe.DecaySteps)),
            ScheduleShape.Constant => 1,
        };

    /// <summary>How much of the way from <paramref name="first"/> to the end is done at <paramref name="step"/>, from 0 to 1.</summary>
    private double Share(long step, long first) => Math.Clamp((double)(step - first) / Math.Max(1, recipe.Steps - first), 0, 1);
}
