using Factory.Core.Numbers;
using Factory.Trainer.Data;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.FineTuning;

/// <summary>
/// Rows of instruction data as batches, padded to the longest of their micro-batch; labels are the answers only. Each epoch has an order of its own. Within an
/// update rows of like length go together, which changes its gradient by rounding only.
/// </summary>
public sealed class TuningRows(IReadOnlyList<TuningRow> rows, int batchSize, int microBatchSize, ulong seed) : IBatchSource
{
    public UpdateBatch At(long update)
    {
        long first = update * batchSize;
        IEnumerable<TuningRow> taken = Enumerable.Range(0, batchSize).Select(row => Row(first + row)).OrderBy(row => row.Ids.Length);
        return new UpdateBatch([.. taken.Chunk(microBatchSize).Select(Pad)]);
    }

    /// <summary>All rows in order, until <paramref name="count"/> tokens have been given out.</summary>
    public static IEnumerable<MicroBatch> InOrder(IReadOnlyList<TuningRow> rows, long count, int microBatchSize)
    {
        long given = 0;
        foreach (TuningRow[] chunk in rows.Chunk(microBatchSize).TakeWhile(_ => given < count))
        {
            MicroBatch batch = Pad(chunk);
            given += batch.Tokens;
            yield return batch;
        }
    }

    private TuningRow Row(long sequence)
    {
        (long epoch, long place) = Math.DivRem(sequence, rows.Count);
        return rows[(int)new IndexPermutation(rows.Count, SplitMix64.Mix(seed ^ SplitMix64.Mix((ulong)epoch)))[place]];
    }

    private static MicroBatch Pad(TuningRow[] rows)
    {
        int time = rows.Max(row => row.Ids.Length);
        var ids = new long[rows.Length * time];
        var labels = new long[ids.Length];
        Array.Fill(labels, MicroBatch.Ignored);
        for (int row = 0; row < rows.Length; row++)
        {
            (int[] tokens, bool[] answers) = (rows[row].Ids, rows[row].IsAnswer);
            for (int at = 0; at < tokens.Length; at++)
            {
                ids[(row * time) + at] = tokens[at];
                if (at > 0 && answers[at])
                {
                    labels[(row * time) + at - 1] = tokens[at];
                }
            }
        }
        return new MicroBatch(ids, labels, rows.Length, padding: ids.Length - rows.Sum(row => row.Ids.Length));
    }
}
