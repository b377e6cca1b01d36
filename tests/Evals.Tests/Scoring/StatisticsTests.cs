using Factory.Evals.Requests;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tests.Scoring;

/// <summary>Expected numbers were computed in Python with the harness's formulas.</summary>
public sealed class StatisticsTests
{
    private static readonly double[] LogLikelihoods = [-1.5, -0.25, -3.0, -0.75, -2.0];

    [Fact]
    public void The_error_of_a_mean_is_the_sample_deviation_over_the_root_of_n()
    {
        Assert.Equal(0.24494897427831783, Statistics.ErrorOfMean([1, 0, 0, 1, 1])!.Value, 1e-15);
        Assert.Null(Statistics.ErrorOfMean([1]));
    }

    [Fact]
    public void Groups_are_weighted_by_size_and_their_errors_pooled()
    {
        Assert.Equal(0.275, Statistics.WeightedMean([(0.5, 10), (0.2, 30)]), 1e-15);
        Assert.Equal(0.04497806482930845, Statistics.PooledError([(0.1, 10), (0.05, 30)])!.Value, 1e-15);
        Assert.Null(Statistics.PooledError([(0.1, 10), (null, 1)]));
    }

    [Theory]
    [InlineData(10, 1.6339933768474897)]
    [InlineData(2500, 2.289567195496009)]
    public void The_bootstrap_draws_what_Python_draws_chunk_by_chunk(int iterations, double expected) =>
        Assert.Equal(expected, Bootstrap.Error(LogLikelihoods, mean => Math.Exp(-mean), iterations, TestContext.Current.CancellationToken)!.Value, 1e-12);

    [Fact]
    public void Without_iterations_there_is_no_error() =>
        Assert.Null(Bootstrap.Error(LogLikelihoods, mean => mean, 0, TestContext.Current.CancellationToken));

    [Fact]
    public void A_single_value_says_nothing_about_spread() =>
        Assert.Null(Bootstrap.Error([-1.5], mean => mean, 1000, TestContext.Current.CancellationToken));

    [Fact]
    public void The_first_of_equal_choices_counts_and_length_changes_the_winner()
    {
        Assert.Equal(1, Measure(Metrics.Accuracy, [-2, -1, -1], ["a", "b", "c"], gold: 1));
        Assert.Equal(0, Measure(Metrics.Accuracy, [-2, -1, -1], ["a", "b", "c"], gold: 2));
        Assert.Equal(1, Measure(Metrics.NormalizedAccuracy, [-4, -3], ["12345678", "123"], gold: 0));
        Assert.Equal(0, Measure(Metrics.Accuracy, [-4, -3], ["12345678", "123"], gold: 0));
    }

    [Fact]
    public void Lengths_are_code_points_for_acc_norm_and_UTF8_bytes_for_acc_bytes()
    {
        // -4/2 beats -7/3 in code points; in bytes -7/3 loses to -4/8 all the more, and a longer ASCII text wins over the smileys.
        Assert.Equal(1, Measure(Metrics.NormalizedAccuracy, [-4, -5], ["😀😀", "abc"], gold: 1));
        Assert.Equal(1, Measure(Metrics.ByteAccuracy, [-4, -5], ["😀😀", "abc"], gold: 0));
    }

    [Fact]
    public void A_plain_mean_of_independent_scores_has_the_root_of_summed_squares_over_k()
    {
        Assert.Equal(0.05 / 2, Statistics.ErrorOfPlainMean([0.03, 0.04])!.Value, 1e-15);
        Assert.Null(Statistics.ErrorOfPlainMean([0.03, null]));
    }

    private static double Measure(Metric metric, double[] logLikelihoods, string[] choices, int gold) => metric.Measure(
        new ChoiceDocument([.. choices.Select(choice => new LogLikelihoodRequest("", " " + choice))], choices, gold),
        [.. logLikelihoods.Select(value => new LogLikelihoodResponse(value, false, 1))]).Value;
}
