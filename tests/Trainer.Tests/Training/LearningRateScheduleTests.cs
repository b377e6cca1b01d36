using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class LearningRateScheduleTests
{
    private static readonly LearningRateSchedule Schedule = new(Peak: 0.01, WarmupSteps: 4, Steps: 24);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0.0025)]
    [InlineData(4, 0.01)]
    [InlineData(14, 0.0055)]
    [InlineData(24, 0.001)]
    [InlineData(1000, 0.001)]
    public void It_warms_up_from_zero_peaks_and_falls_to_a_tenth(long step, double expected) => Assert.Equal(expected, Schedule.At(step), 1e-12);

    [Fact]
    public void Without_warm_up_the_first_update_has_the_peak_rate() => Assert.Equal(0.01, new LearningRateSchedule(0.01, 0, 1).At(0));
}
