using Factory.Trainer.Tokens;

namespace Factory.Trainer.Tests.Tokens;

public class IndexPermutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(10_007)]
    public void Every_index_stands_at_exactly_one_place(int count)
    {
        var permutation = new IndexPermutation(count, key: 42);
        Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), Enumerable.Range(0, count).Select(i => permutation[i]).Order());
    }

    [Fact]
    public void The_order_is_not_the_identity_and_follows_the_key()
    {
        long[] Order(ulong key) => [.. Enumerable.Range(0, 1000).Select(i => new IndexPermutation(1000, key)[i])];
        Assert.Equal(Order(1), Order(1));
        Assert.NotEqual(Order(1), Order(2));
        Assert.InRange(Order(1).Where((value, i) => value == i).Count(), 0, 10);
        // A random order has about as many rises as falls.
        Assert.InRange(Order(3).Zip(Order(3).Skip(1)).Count(pair => pair.First < pair.Second), 400, 600);
    }

    [Fact]
    public void Counts_beyond_32_bits_stay_in_range()
    {
        const long Count = (1L << 40) + 12_345;
        var permutation = new IndexPermutation(Count, key: 7);
        long[] values = [.. Enumerable.Range(0, 1000).Select(i => permutation[Count - 1 - i])];
        Assert.All(values, value => Assert.InRange(value, 0, Count - 1));
        Assert.Equal(1000, values.Distinct().Count());
    }
}
