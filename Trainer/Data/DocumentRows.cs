using Factory.Core;
using Factory.Core.Numbers;
using Factory.Trainer.Tokens;

namespace Factory.Trainer.Data;

/// <summary>
/// The rows of the paper's runs: one document a row, without BOS, with EOS, cut off at the row's length, filled up with padding that no label
/// counts. Attention need not know of the padding: it stands to the right. Each epoch visits every document once, in an order of its own.
/// </summary>
public sealed class DocumentRows : IBatchSource
{
    /// <summary>T5's padding token, and the authors'. What stands there has no influence.</summary>
    private const long Padding = 0;

    private readonly TokenSplit _tokens;
    private readonly DocumentIndex _documents;
    private readonly int _time;
    private readonly int _batchSize;
    private readonly int _microBatchSize;
    private readonly ulong _seed;

    /// <param name="time">Ids in a row, EOS included.</param>
    /// <param name="batchSize">Rows per update.</param>
    /// <exception cref="UserError">There are no documents.</exception>
    public DocumentRows(TokenSplit tokens, DocumentIndex documents, int time, int batchSize, int microBatchSize, ulong seed)
    {
        if (documents.Count == 0)
        {
            throw new UserError("the training tokens: expected documents of two tokens or more, found none. Tokenize more text.");
        }
        (_tokens, _documents, _time, _batchSize, _microBatchSize, _seed) = (tokens, documents, time, batchSize, microBatchSize, seed);
    }

    public UpdateBatch At(long update)
    {
        long first = update * _batchSize;
        long[] documents = [.. Enumerable.Range(0, _batchSize).Select(row => Document(first + row))];
        return new UpdateBatch([.. documents.Chunk(_microBatchSize).Select(chunk => Rows(_tokens, _documents, chunk, _time))]);
    }

    /// <summary>Documents from the first on, one a row, until <paramref name="count"/> ids that are no padding have been given out, or all.</summary>
    public static IEnumerable<MicroBatch> InOrder(TokenSplit tokens, DocumentIndex documents, long count, int time, int microBatchSize)
    {
        long given = 0;
        for (long at = 0; at < documents.Count && given < count; at += microBatchSize)
        {
            long first = at;
            int rows = (int)Math.Min(microBatchSize, documents.Count - at);
            MicroBatch batch = Rows(tokens, documents, [.. Enumerable.Range(0, rows).Select(row => first + row)], time);
            given += batch.Tokens;
            yield return batch;
        }
    }

    private long Document(long sequence)
    {
        (long epoch, long place) = Math.DivRem(sequence, _documents.Count);
        return new IndexPermutation(_documents.Count, SplitMix64.Mix(_seed ^ SplitMix64.Mix((ulong)epoch)))[place];
    }

    private static MicroBatch Rows(TokenSplit tokens, DocumentIndex documents, long[] numbers, int time)
    {
        var ids = new long[numbers.Length * time];
        var labels = new long[ids.Length];
        Array.Fill(ids, Padding);
        Array.Fill(labels, MicroBatch.Ignored);
        long padding = 0;
        for (int row = 0; row < numbers.Length; row++)
        {
            (long start, long length) = documents[numbers[row]];
            int taken = (int)Math.Min(length, time);
            Span<long> found = ids.AsSpan(row * time, taken);
            tokens.Read(start, found);
            found[1..].CopyTo(labels.AsSpan(row * time));
            padding += time - taken;
        }
        return new MicroBatch(ids, labels, numbers.Length, padding);
    }
}
