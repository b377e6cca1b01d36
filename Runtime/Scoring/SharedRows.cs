namespace Factory.Runtime;

/// <summary>
/// Token sequences of one run, each beginning that neighbours share held once:
/// <code>
/// row 0   The cat sat        tokens  The cat sat lay      T = 4
/// row 1   The cat lay        rows    0 1 2 │ 0 1 3
/// </code>
/// </summary>
internal sealed class SharedRows
{
    private readonly List<int> _tokens = [];
    private readonly List<(int Row, int Position)> _places = [];
    private readonly List<int[]> _rows = [];
    private int[] _last = [];

    /// <summary>Rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Tokens of the longest row.</summary>
    public int Longest { get; private set; }

    /// <summary>Adds a sequence.</summary>
    /// <returns>Which of the tokens stands at each of its positions.</returns>
    public ReadOnlySpan<int> Add(ReadOnlySpan<int> ids)
    {
        int shared = ids.CommonPrefixLength(_last);
        if (shared == ids.Length)
        {
            return _rows[^1].AsSpan(0, shared);
        }
        int[] row = new int[ids.Length];
        for (int at = 0; at < row.Length; at++)
        {
            row[at] = at < shared ? _rows[^1][at] : _tokens.Count;
            if (at >= shared)
            {
                _tokens.Add(ids[at]);
                _places.Add((_rows.Count, at));
            }
        }
        _rows.Add(row);
        _last = ids.ToArray();
        Longest = Math.Max(Longest, row.Length);
        return row;
    }

    /// <summary>The different tokens, shape (T).</summary>
    public long[] Tokens() => [.. _tokens.Select(id => (long)id)];

    /// <summary>Which of them stands at each place, shape (rows, time); the first one behind a row's end.</summary>
    public long[] RowTokens(int time)
    {
        long[] tokens = new long[_rows.Count * time];
        foreach ((int index, int[] row) in _rows.Index())
        {
            for (int at = 0; at < row.Length; at++)
            {
                tokens[(index * time) + at] = row[at];
            }
        }
        return tokens;
    }

    /// <summary>The place of each, counted row by row, shape (T).</summary>
    public long[] TokenPlaces(int time) => [.. _places.Select(place => ((long)place.Row * time) + place.Position)];

    /// <summary>Each row's tokens minus one, shape (rows).</summary>
    public int[] LastPositions() => [.. _rows.Select(row => row.Length - 1)];
}
