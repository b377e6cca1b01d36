namespace Factory.Runtime.Encoders;

/// <summary>A part of a passage that is read in one row.</summary>
/// <param name="Start">Its first token's place in the passage.</param>
/// <param name="Length">Tokens.</param>
internal sealed record PassageWindow(int Start, int Length)
{
    /// <summary>Windows over <paramref name="count"/> tokens, the last one reaching the end.</summary>
    /// <param name="room">Tokens of a window, at most.</param>
    /// <param name="stride">From one beginning to the next.</param>
    public static IEnumerable<PassageWindow> Cut(int count, int room, int stride)
    {
        for (int start = 0; start < count;)
        {
            int length = Math.Min(room, count - start);
            yield return new PassageWindow(start, length);
            if (start + length == count)
            {
                yield break;
            }
            start += Math.Min(length, stride);
        }
    }

    /// <param name="place">In the window, from zero.</param>
    public bool Has(int place) => place >= 0 && place < Length;

    /// <summary>
    /// Whether of all windows with that token this one shows most around it: the smaller of what stands left and right of it counts, and a hundredth of the window's
    /// length on top. Of equals the first.
    /// </summary>
    /// <param name="place">In this window.</param>
    public bool IsWidestFor(IReadOnlyList<PassageWindow> windows, int place)
    {
        int token = Start + place;
        return ReferenceEquals(this, windows.Where(window => window.Has(token - window.Start)).MaxBy(window => window.Context(token)));
    }

    private double Context(int token) => Math.Min(token - Start, Start + Length - 1 - token) + (0.01 * Length);
}
