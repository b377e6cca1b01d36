using Factory.Trainer.Data;

namespace Factory.Trainer.Tests.Data;

public sealed class PrefetchedBatchesTests
{
    [Fact]
    public void Batches_are_those_of_the_source_in_any_order_of_asking()
    {
        using var batches = new PrefetchedBatches(new Numbered());
        foreach (long update in new long[] { 0, 1, 2, 7, 8, 3, 3 })
        {
            Assert.Equal([update], batches.At(update).MicroBatches[0].Ids);
        }
    }

    [Fact]
    public void What_fails_in_the_background_fails_where_it_is_asked_for()
    {
        using var batches = new PrefetchedBatches(new Numbered());
        batches.At(98);
        Assert.Throws<IOException>(() => batches.At(99));
    }

    private sealed class Numbered : IBatchSource
    {
        public UpdateBatch At(long update) => update == 99 ? throw new IOException("gone") : new UpdateBatch([new MicroBatch([update], [1], 1)]);
    }
}
