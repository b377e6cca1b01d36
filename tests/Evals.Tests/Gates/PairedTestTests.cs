using Factory.Evals.Gates;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tests.Gates;

/// <summary>Expected numbers: binomial sums written out, and Python's statistics.NormalDist.</summary>
public sealed class PairedTestTests
{
    [Theory]
    [InlineData(0, 0, 1, 1)]
    [InlineData(5, 0, 1.0 / 32, 2.0 / 32)]
    [InlineData(0, 5, 1, 2.0 / 32)]
    [InlineData(8, 2, 56.0 / 1024, 112.0 / 1024)]
    [InlineData(3, 3, 42.0 / 64, 1)]
    public void McNemar_sums_the_fair_coins(int onlyA, int onlyB, double worse, double either)
    {
        (double foundWorse, double foundEither) = PairedTest.McNemar(onlyA, onlyB);
        Assert.Equal(worse, foundWorse, 1e-12);
        Assert.Equal(either, foundEither, 1e-12);
    }

    [Fact]
    public void McNemar_holds_for_thousands()
    {
        (double worse, double either) = PairedTest.McNemar(2100, 1900);
        // 1 - NormalDist().cdf((2099.5 - 2000) / sqrt(1000))
        Assert.Equal(0.000826, worse, 2e-5);
        Assert.Equal(2 * worse, either, 1e-12);
    }

    [Theory]
    [InlineData(0.1, 0.05, 0.022750131948179195)]
    [InlineData(-0.1, 0.05, 0.9772498680518208)]
    [InlineData(0.0, 0.05, 0.5)]
    public void A_difference_with_a_known_error_follows_the_normal_distribution(double loss, double error, double worse)
    {
        Assert.Equal(worse, PairedTest.Normal(loss, error).Worse, 1e-6);
        Assert.Equal(Math.Min(1, 2 * Math.Min(worse, 1 - worse)), PairedTest.Normal(loss, error).Either, 1e-6);
    }

    [Fact]
    public void The_bootstrap_of_equal_answers_shows_nothing_and_of_a_constant_shift_the_shift()
    {
        Measurement[] a = [.. Enumerable.Range(0, 50).Select(i => new Measurement(i % 7))];
        Measurement[] shifted = [.. a.Select(value => new Measurement(value.Value + 0.5))];
        Func<IReadOnlyList<Measurement>, double> mean = rows => rows.Average(row => row.Value);
        Assert.Equal((0, 0, 1, 1), PairedTest.Bootstrap(a, a, mean, higherIsBetter: true, TestContext.Current.CancellationToken));
        (double low, double high, double worse, double either) = PairedTest.Bootstrap(a, shifted, mean, higherIsBetter: false, TestContext.Current.CancellationToken);
        Assert.Equal((0.5, 0.5), (Math.Round(low, 9), Math.Round(high, 9)));
        Assert.True(worse < 0.001 && either < 0.001);
    }
}
