using Factory.Trainer.Tokens;

namespace Factory.Trainer.Data;

/// <summary>Rows of neighbouring tokens without padding; documents follow one another within a row. Order and cuts: <see cref="BatchSampler"/>.</summary>
/// <param name="time">Tokens predicted per row.</param>
/// <param name="batchSize">Rows per update.</param>
public sealed class PackedRows(TokenSplit tokens, int time, int batchSize, int microBatchSize, ulong seed) : IBatchSource
{
    private readonly BatchSampler _sampler = new(tokens.Count, time, seed);

    public UpdateBatch At(long update)
    {
        var starts = new long[batchSize];
        _sampler.Windows(update * batchSize, starts);
        return new UpdateBatch([.. starts.Chunk(microBatchSize).Select(chunk => Rows(tokens, chunk, time))]);
    }

    /// <summary>The split from its start, windows side by side, each token after the first predicted once, until <paramref name="count"/> are predicted.</summary>
    public static IEnumerable<MicroBatch> InOrder(TokenSplit tokens, long count, int time, int microBatchSize)
    {
        count = Math.Min(count, tokens.Count - 1);
        long whole = Math.Max(0, count) / time * time;
        for (long at = 0; at < whole; at += (long)time * microBatchSize)
        {
            int rows = (int)Math.Min(microBatchSize, (whole - at) / time);
            yield return Rows(tokens, [.. Enumerable.Range(0, rows).Select(row => at + ((long)row * time))], time);
        }
        if (whole < count)
        {
            yield return Rows(tokens, [whole], (int)(count - whole));
        }
    }

    private static MicroBatch Rows(TokenSplit tokens, long[] starts, int time)
    {
        (long[] ids, long[] labels) = (new long[starts.Length * time], new long[starts.Length * time]);
        for (int row = 0; row < starts.Length; row++)
        {
            tokens.Read(starts[row], ids.AsSpan(row * time, time));
            tokens.Read(starts[row] + 1, labels.AsSpan(row * time, time));
        }
        return new MicroBatch(ids, labels, starts.Length);
    }
}
