using Factory.Evals.Analysis;

namespace Factory.Evals.Tests.Analysis;

public sealed class CurseReadingTests
{
    [Theory]
    [InlineData(new[] { 7, 8, 9, 11, 13, 14 }, "nats: 7–9, 11, 13–14 (6 of 24).")]
    [InlineData(new[] { 3 }, "nats: 3 (1 of 24).")]
    [InlineData(new int[0], "No block can be removed for less than 0.01 nats.")]
    public void Blocks_that_cost_nothing_are_told_as_ranges(int[] idle, string expected)
    {
        var reading = new CurseReading("pre", "pre", 1, 24, 2, null, 0.02, null, 0.1, null, idle, 0.01);
        Assert.EndsWith(expected, reading.Sentences().Last(), StringComparison.Ordinal);
    }
}
