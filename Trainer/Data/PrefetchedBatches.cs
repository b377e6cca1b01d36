namespace Factory.Trainer.Data;

/// <summary>Reads the next batch in the background while the one before it is trained on.</summary>
/// <param name="pinned">Whether to lay it in page-locked memory, for a GPU.</param>
public sealed class PrefetchedBatches(IBatchSource source, bool pinned = false) : IBatchSource, IDisposable
{
    private (long Update, Task<UpdateBatch> Batch)? _next;

    public UpdateBatch At(long update)
    {
        UpdateBatch batch = _next is (long number, Task<UpdateBatch> ready) && number == update ? ready.GetAwaiter().GetResult() : Read(update);
        _next = (update + 1, Task.Run(() => Read(update + 1)));
        return batch;
    }

    /// <summary>Waits for what is being read, so that the source's files can be closed.</summary>
    public void Dispose()
    {
        if (_next is (_, Task<UpdateBatch> reading))
        {
            ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
        }
    }

    private UpdateBatch Read(long update)
    {
        UpdateBatch batch = source.At(update);
        if (pinned)
        {
            foreach (MicroBatch micro in batch.MicroBatches)
            {
                micro.Pin();
            }
        }
        return batch;
    }
}
