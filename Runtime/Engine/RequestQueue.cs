namespace Factory.Runtime.Engine;

/// <summary>
/// Requests that wait, in order of arrival within their priority. Interactive ones go first, but after <see cref="Streak"/> of them in a row that passed a
/// waiting batch request it is that one's turn: nobody waits for ever.
/// </summary>
internal sealed class RequestQueue
{
    private const int Streak = 8;

    private readonly LinkedList<Sequence> _interactive = [];
    private readonly LinkedList<Sequence> _batch = [];
    private int _passed;

    public int Count => _interactive.Count + _batch.Count;

    public void Add(Sequence sequence) => QueueFor(sequence.Request.Priority).AddLast(sequence);

    /// <summary>Whose turn it is, or null. <paramref name="batchAllowed"/>: whether batch work may have another slot.</summary>
    public Sequence? Next(bool batchAllowed)
    {
        Sequence? batch = batchAllowed ? _batch.First?.Value : null;
        return batch is not null && _passed >= Streak ? batch : _interactive.First?.Value ?? batch;
    }

    /// <summary>Takes out what <see cref="Next"/> gave.</summary>
    public void Remove(Sequence sequence)
    {
        QueueFor(sequence.Request.Priority).Remove(sequence);
        _passed = sequence.Request.Priority == RequestPriority.Batch || _batch.Count == 0 ? 0 : _passed + 1;
    }

    /// <summary>Takes out those that were cancelled.</summary>
    public List<Sequence> RemoveCancelled()
    {
        List<Sequence> cancelled = [.. _interactive.Concat(_batch).Where(sequence => sequence.IsCancelled)];
        foreach (Sequence sequence in cancelled)
        {
            QueueFor(sequence.Request.Priority).Remove(sequence);
        }
        return cancelled;
    }

    /// <summary>Takes out all.</summary>
    public List<Sequence> Clear()
    {
        List<Sequence> all = [.. _interactive, .. _batch];
        _interactive.Clear();
        _batch.Clear();
        return all;
    }

    private LinkedList<Sequence> QueueFor(RequestPriority priority) => priority switch
    {
        RequestPriority.Interactive => _interactive,
        RequestPriority.Batch => _batch,
    };
}
