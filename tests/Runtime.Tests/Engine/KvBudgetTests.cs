using Factory.Runtime.Engine;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Factory.Runtime.Tests.Engine;

public sealed class KvBudgetTests
{
    private const long None = long.MaxValue;
    private const int Capacity = 100;

    // 1 x 2 heads of 4 floats, keys and values: 64 bytes a token, 6400 a slot.
    private static readonly KvLayout Layout = new(Blocks: 1, KeyValueHeads: 2, HeadSize: 4, TensorElementType.Float);

    [Theory]
    [InlineData(8, 51_200, None, None, 8, 800, null)]
    [InlineData(8, 6_400, None, None, 8, 100, null)] // eight times in address space, one in memory
    [InlineData(16, 6_400, None, None, 8, 100, "kv_cache_bytes")]
    [InlineData(8, 51_200, 17_066, None, 8, 199, "free memory")] // three quarters of it
    [InlineData(8, 51_200, None, 64_000, 5, 500, "address space")] // half of it
    [InlineData(8, 51_200, 8_536, 12_800, 1, 100, "address space")]
    public void As_many_slots_are_taken_as_memory_allows(int asked, long cache, long free, long addressSpace, int slots, long tokens, string? shortage)
    {
        KvBudget budget = KvBudget.For(new EngineOptions { MaxSequences = asked, KvCacheBytes = cache }, Layout, Capacity, lazy: true, free, addressSpace);
        Assert.Equal((slots, tokens), (budget.Slots, budget.Tokens));
        Assert.StartsWith(shortage ?? "", budget.Shortage ?? "", StringComparison.Ordinal);
        Assert.Equal(shortage is null, budget.Shortage is null);
    }

    [Fact]
    public void Memory_that_is_real_at_once_is_never_promised_twice() =>
        Assert.Equal(2, KvBudget.For(new EngineOptions { MaxSequences = 8, KvCacheBytes = 13_000 }, Layout, Capacity, lazy: false, None, None).Slots);

    [Theory]
    [InlineData(6_399, None, None, "kv_cache_bytes: expected at least 1 MB for one sequence of 100 tokens")]
    [InlineData(51_200, 8_000, None, "KV cache: expected at least 1 MB for one sequence of 100 tokens of memory")]
    [InlineData(51_200, None, 12_000, "KV cache: expected at least 1 MB for one sequence of 100 tokens of memory")]
    public void Where_not_one_fits_the_message_says_what_is_needed_and_found(long cache, long free, long addressSpace, string message) =>
        Assert.StartsWith(
            message,
            Assert.Throws<InsufficientMemoryError>(() => KvBudget.For(new EngineOptions { MaxSequences = 8, KvCacheBytes = cache }, Layout, Capacity, lazy: true, free, addressSpace)).Message,
            StringComparison.Ordinal);
}
