namespace Factory.Runtime;

/// <summary>What one worker of a call of <see cref="Scorer"/> computes with.</summary>
internal sealed class ScoringRun(LanguageModel model, ScoringProgress progress, CancellationToken cancellationToken) : IDisposable
{
    /// <summary>Tokens of one run, padding included.</summary>
    public const int BatchTokens = LanguageModel.PrefillChunk;

    // Logits of 64 rows of 32000 are 8 MB.
    private const int MaxLogitRows = 64;

    private readonly int _vocabulary = model.Bundle.Architecture.VocabularySize;
    private readonly List<KvBuffers> _buffers = [];
    private float[] _logits = [];

    /// <summary>Buffers that last until the call ends.</summary>
    public KvBuffers NewBuffers(int slots, int capacity)
    {
        var buffers = new KvBuffers(model.Session, slots, capacity);
        _buffers.Add(buffers);
        return buffers;
    }

    /// <summary>How runs may be cut.</summary>
    public ChunkSize Chunks => model.Session.KvLayout.Chunks;

    /// <summary>Counts requests that are done.</summary>
    public void Done(int count) => progress.Add(count);

    /// <summary>Logits of the run before, row by row, shape (vocabulary).</summary>
    public ReadOnlySpan<float> Logits(int row) => _logits.AsSpan(row * _vocabulary, _vocabulary);

    /// <summary>One run over the first <paramref name="rows"/> slots; see <see cref="ModelSession.Forward"/>.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public void Forward(KvBuffers buffers, int rows, Memory<long> ids, Memory<int> lastPositions, Memory<long> logitRows)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Scored text is given text, also behind a context that was computed before: the same numbers whatever the plan.
        model.PrefillSession.Forward(buffers, first: 0, rows, ids, lastPositions, logitRows, LogitMemory(logitRows.Length));
    }

    /// <summary>One run; see <see cref="ScoringGraph.Forward"/>.</summary>
    /// <inheritdoc cref="Forward(KvBuffers, int, Memory{long}, Memory{int}, Memory{long})"/>
    public void Forward(ScoringGraph graph, SharedRows rows, long[] logitRows)
    {
        cancellationToken.ThrowIfCancellationRequested();
        graph.Forward(rows, logitRows, LogitMemory(logitRows.Length));
    }

    /// <summary>Feeds tokens of one sequence in slot 0 from <paramref name="start"/> to <paramref name="end"/>, in as few runs as memory allows.</summary>
    /// <param name="from">The first position whose logits are wanted; <paramref name="end"/> - 1 or before.</param>
    /// <param name="each">Gets position and logits, in order.</param>
    public void Feed(KvBuffers buffers, int[] ids, int start, int end, int from, LogitsOf each)
    {
        while (start < end)
        {
            int most = start + BatchTokens <= from ? BatchTokens : MaxLogitRows + Math.Max(0, from - start);
            int count = Chunks.Next(end - start, Math.Min(most, BatchTokens));
            int first = Math.Clamp(from, start, start + count - 1);
            long[] chunk = [.. ids.Skip(start).Take(count).Select(id => (long)id)];
            long[] rows = [.. Enumerable.Range(first - start, start + count - first).Select(row => (long)row)];
            Forward(buffers, rows: 1, chunk, new[] { start + count - 1 }, rows);
            for (int row = 0; row < rows.Length; row++)
            {
                // A run that ends before `from` still computes one row: the graph always has an output.
                if (first + row >= from)
                {
                    each(first + row, Logits(row));
                }
            }
            start += count;
        }
    }

    /// <summary>Where the next run's logits go, shape (rows, vocabulary).</summary>
    private Memory<float> LogitMemory(int rows)
    {
        if (_logits.Length < rows * _vocabulary)
        {
            _logits = new float[rows * _vocabulary];
        }
        return _logits.AsMemory(0, rows * _vocabulary);
    }

    public void Dispose() => _buffers.ForEach(buffers => buffers.Dispose());
}

/// <summary>Takes the logits of one position, shape (vocabulary).</summary>
internal delegate void LogitsOf(int position, ReadOnlySpan<float> logits);
