using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Tests.Training;

public sealed class DivergenceGuardTests
{
    [Theory]
    [InlineData(SpikeAction.Ignore, GuardVerdict.Apply, false)]
    [InlineData(SpikeAction.Warn, GuardVerdict.Apply, true)]
    [InlineData(SpikeAction.Skip, GuardVerdict.Skip, true)]
    [InlineData(SpikeAction.Stop, GuardVerdict.Stop, true)]
    public void A_spike_is_met_as_asked_for(SpikeAction action, GuardVerdict expected, bool told)
    {
        DivergenceGuard guard = Steady(action);
        (GuardVerdict verdict, string? message) = guard.Judge(Report(9, 1));
        Assert.Equal((expected, told), (verdict, message is not null));
        (verdict, message) = Steady(action).Judge(Report(3, 50));
        Assert.Equal((expected, told), (verdict, message is not null));
    }

    [Fact]
    public void What_is_as_before_or_better_is_no_spike()
    {
        DivergenceGuard guard = Steady(SpikeAction.Stop);
        Assert.Equal((GuardVerdict.Apply, null), guard.Judge(Report(3.05, 1.01)));
        Assert.Equal((GuardVerdict.Apply, null), guard.Judge(Report(0.1, 0.1)));
    }

    [Fact]
    public void A_gradient_norm_near_the_mean_is_no_spike_however_calm_the_run_was()
    {
        var guard = new DivergenceGuard(SpikeAction.Stop, 8);
        for (int i = 0; i < 50; i++)
        {
            guard.Judge(Report(3, 0.6 + (0.01 * Math.Cos(i))));
        }
        Assert.Equal((GuardVerdict.Apply, null), guard.Judge(Report(3, 1.0)));
        Assert.Equal(GuardVerdict.Stop, guard.Judge(Report(3, 2.0)).Verdict);
    }

    [Theory]
    [InlineData(double.NaN, 1)]
    [InlineData(3, double.PositiveInfinity)]
    public void What_is_not_finite_never_reaches_the_weights(double loss, double norm)
    {
        foreach (SpikeAction action in Enum.GetValues<SpikeAction>())
        {
            Assert.Equal(action == SpikeAction.Skip ? GuardVerdict.Skip : GuardVerdict.Stop, new DivergenceGuard(action, 8).Judge(Report(loss, norm)).Verdict);
        }
    }

    [Fact]
    public void Skipping_ends_where_every_update_would_be_skipped()
    {
        var guard = new DivergenceGuard(SpikeAction.Skip, 8);
        GuardVerdict[] verdicts = [.. Enumerable.Range(0, 21).Select(_ => guard.Judge(Report(double.NaN, 1)).Verdict)];
        Assert.Equal(Enumerable.Repeat(GuardVerdict.Skip, 20).Append(GuardVerdict.Stop), verdicts);
    }

    [Fact]
    public void A_guard_goes_on_from_its_state()
    {
        DivergenceGuard guard = Steady(SpikeAction.Warn);
        var resumed = new DivergenceGuard(SpikeAction.Warn, 8, guard.State);
        Assert.Equal(guard.Judge(Report(4, 3)), resumed.Judge(Report(4, 3)));
        Assert.Equal(guard.State.Losses, resumed.State.Losses);
    }

    private static DivergenceGuard Steady(SpikeAction action)
    {
        var guard = new DivergenceGuard(action, threshold: 8);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(GuardVerdict.Apply, guard.Judge(Report(3 + (0.1 * Math.Sin(i)), 1 + (0.1 * Math.Cos(i)))).Verdict);
        }
        return guard;
    }

    private static StepReport Report(double loss, double norm) => new(loss, 0.1, new GradientNorms(norm, [norm]), 10);
}
