using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(ScheduleShape.Cosine, 0, 0)]
    [InlineData(ScheduleShape.Cosine, 1, 0.0025)]
    [InlineData(ScheduleShape.Cosine, 4, 0.01)]
    [InlineData(ScheduleShape.Cosine, 14, 0.0055)]
    [InlineData(ScheduleShape.Cosine, 24, 0.001)]
    [InlineData(ScheduleShape.Cosine, 1000, 0.001)]
    [InlineData(ScheduleShape.Wsd, 1, 0.0025)]
    [InlineData(ScheduleShape.Wsd, 4, 0.01)]
    [InlineData(ScheduleShape.Wsd, 14, 0.01)]
    [InlineData(ScheduleShape.Wsd, 19, 0.0055)]
    [InlineData(ScheduleShape.Wsd, 24, 0.001)]
    [InlineData(ScheduleShape.Constant, 1, 0.0025)]
    [InlineData(ScheduleShape.Constant, 23, 0.01)]
    public void Each_shape_warms_up_from_zero_and_takes_its_course(ScheduleShape shape, long step, double expected) =>
        Assert.Equal(expected, Schedule(shape, 0.01, 4, 24).At(step), 1e-12);

    [Fact]
    public void Without_warm_up_the_first_update_has_the_peak_rate() => Assert.Equal(0.01, Schedule(ScheduleShape.Cosine, 0.01, 0, 1).At(0));

    internal static LearningRateSchedule Schedule(ScheduleShape shape, double peak, long warmup, long steps) =>
        new(new ScheduleRecipe { Shape = shape, LearningRate = peak, WarmupSteps = warmup, Steps = steps, DecaySteps = 10, MinLrRatio = 0.1 });
}
