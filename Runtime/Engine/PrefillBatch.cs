namespace Factory.Runtime.Engine;

/// <summary>
/// Which newcomers' tokens one run takes: a piece of the first one's prompt, or whole prompts of several, padded behind to the longest. Several rows of
/// several tokens need empty caches (<see cref="ModelSession.Forward"/>) in neighbouring slots.
/// <code>
/// slot 3 │ a a a a a ·     budget 20: a, b and c go together;
///      4 │ b b b b b b     d of nine tokens waits, as four rows of nine are more
///      5 │ c c c c · ·
/// </code>
/// </summary>
/// <param name="capacity">Tokens of a slot.</param>
internal sealed class PrefillBatch(ChunkSize chunks, int capacity)
{
    /// <summary>Those of the run, by rising slot.</summary>
    /// <param name="newcomers">In the order in which their turn comes, at least one.</param>
    /// <param name="budget">Tokens, padding included.</param>
    public List<Sequence> Choose(IReadOnlyList<Sequence> newcomers, int budget)
    {
        List<Sequence> rows = [newcomers[0]];
        foreach (Sequence next in newcomers.Skip(1))
        {
            bool before = next.Slot!.Index == rows[0].Slot!.Index - 1, after = next.Slot.Index == rows[^1].Slot!.Index + 1;
            if ((before || after) && Fits([.. rows, next], budget))
            {
                rows.Insert(before ? 0 : rows.Count, next);
            }
        }
        return rows;
    }

    /// <summary>Whether one run takes their whole prompts, at most a quarter of it padding.</summary>
    public bool Fits(IReadOnlyCollection<Sequence> rows, int budget)
    {
        int time = chunks.Padded(rows.Max(row => row.Prompt.Length));
        return time <= capacity
            && rows.Count * time <= budget
            && rows.Count <= PrefillStep.MaxLogitRows
            && 4 * rows.Sum(row => row.Prompt.Length) >= 3 * rows.Count * time
            && rows.All(row => row is { Position: 0, NeedsPromptLogits: false, Prompt.Length: > 1 });
    }
}
