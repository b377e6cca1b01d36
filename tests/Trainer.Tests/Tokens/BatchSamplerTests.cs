using Factory.Core;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

public class BatchSamplerTests
{
    [Theory]
    [InlineData(11, 10)]
    [InlineData(20, 10)]
    [InlineData(21, 10)]
    [InlineData(1000, 10)]
    [InlineData(1009, 10)]
    [InlineData(355_717, 128)]
    public void An_epoch_visits_neighbouring_windows_once_each_and_none_reaches_over_the_end(long tokens, int length)
    {
        var sampler = new BatchSampler(tokens, length, seed: 5);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            long[] starts = [.. Starts(sampler, epoch * sampler.WindowCount, (int)sampler.WindowCount).Order()];
            Assert.Equal(Enumerable.Range(0, starts.Length).Select(i => starts[0] + ((long)i * length)), starts);
            Assert.InRange(starts[0], 0, tokens);
            Assert.True(starts[^1] + length < tokens);
        }
        Assert.InRange(sampler.WindowCount, Math.Max(1, (tokens / length) - 2), (tokens / length) + 1);
    }

    [Fact]
    public void Any_sequence_is_found_without_those_before_it()
    {
        var sampler = new BatchSampler(10_000, 16, seed: 9);
        long[] all = Starts(sampler, 0, 2000);
        Assert.Equal(all[700..750], Starts(new BatchSampler(10_000, 16, seed: 9), 700, 50));
    }

    [Fact]
    public void Epochs_and_seeds_have_orders_of_their_own()
    {
        var sampler = new BatchSampler(10_000, 16, seed: 9);
        int count = (int)sampler.WindowCount;
        long[] first = Starts(sampler, 0, count);
        Assert.NotEqual(first, Starts(sampler, count, count));
        Assert.NotEqual(first, Starts(new BatchSampler(10_000, 16, seed: 10), 0, count));
        Assert.True(Enumerable.Range(0, 20).Select(epoch => Starts(sampler, epoch * count, count).Min()).Distinct().Count() > 5);
    }

    [Fact]
    public void The_order_never_changes_between_versions() =>
        Assert.Equal(PinnedStarts, Starts(new BatchSampler(1000, 10, seed: 1), 0, 6));

    [Fact]
    public void A_split_shorter_than_a_window_is_refused_with_both_numbers()
    {
        string message = Assert.ThrowsAny<UserError>(() => new BatchSampler(10, 10, seed: 1)).Message;
        Assert.Contains("more than 10 tokens", message, StringComparison.Ordinal);
        Assert.Contains("found 10", message, StringComparison.Ordinal);
    }

    /// <summary>A run that is resumed by a later version of Factory must go on in the same order.</summary>
    private static readonly long[] PinnedStarts = [822, 372, 212, 652, 732, 752];

    private static long[] Starts(BatchSampler sampler, long first, int count)
    {
        var starts = new long[count];
        sampler.Windows(first, starts);
        return starts;
    }
}
