namespace Factory.Runtime;

/// <summary>A row of keys and values, and the continuations that go through it one after the other, a token each a step.</summary>
internal sealed class ContinuationRow
{
    private readonly List<ScoreItem> _items = [];
    private int _at;

    private ContinuationRow()
    {
    }

    /// <summary>Steps of all its continuations.</summary>
    public int Steps { get; private set; }

    public bool IsDone => _at == _items.Count;

    /// <summary>Whose turn it is.</summary>
    public ScoreItem Item => _items[_at];

    /// <summary>Tokens of its continuation that are fed.</summary>
    public int Fed { get; private set; }

    /// <summary>
    /// Spreads continuations over rows so that all are at work for about as many steps: the longest first, each into the row that is free first (R. L. Graham,
    /// "Bounds on Multiprocessing Timing Anomalies", 1969).
    /// </summary>
    /// <param name="items">With at least one token to feed.</param>
    /// <returns>At most <paramref name="most"/> rows, the one with most steps first: rows that are done are always the last ones.</returns>
    public static ContinuationRow[] Spread(IEnumerable<ScoreItem> items, int most)
    {
        var rows = new PriorityQueue<ContinuationRow, int>();
        foreach (ScoreItem item in items.OrderByDescending(item => item.Fed))
        {
            ContinuationRow row = rows.Count < most ? new ContinuationRow() : rows.Dequeue();
            row._items.Add(item);
            row.Steps += item.Fed;
            rows.Enqueue(row, row.Steps);
        }
        return [.. rows.UnorderedItems.Select(entry => entry.Element).OrderByDescending(row => row.Steps)];
    }

    /// <summary>A token more is fed.</summary>
    public void Advance()
    {
        Fed++;
        if (Fed == Item.Fed)
        {
            _at++;
            Fed = 0;
        }
    }
}
