namespace Factory.Runtime.Engine;

/// <summary>
/// Which slot a prompt gets and what it finds there. Finished prompts stay where they are until their slot or their memory is needed: the prefix cache.
/// <code>
/// newcomer ─┬─ a free slot holds most of its beginning ──► takes that slot over
///           ├─ another slot holds some of it ────────────► takes the least valuable free slot, copies the common beginning
///           └─ nothing in common ────────────────────────► takes the least valuable free slot
/// </code>
/// </summary>
internal sealed class SlotTable(KvBuffers buffers, long budgetTokens, bool prefixCache)
{
    // Fewer are as quickly computed as looked for.
    private const int LeastPrefix = 8;

    private readonly Slot[] _slots = [.. Enumerable.Range(0, buffers.Slots).Select(index => new Slot(index))];
    private long _tick;

    public IReadOnlyList<Slot> Slots => _slots;

    public long BudgetTokens { get; } = budgetTokens;

    public long CommittedTokens => _slots.Sum(slot => (long)slot.Committed);

    /// <summary>Whether a sequence in prefill begins as the prompt does, in more than is cached of that: after it there is more to take over.</summary>
    public bool IsComputing(int[] prompt) => prefixCache && buffers.CanCopy && _slots.Any(slot =>
        slot.Owner is { IsPrefilled: false } && slot.Prompt.AsSpan().CommonPrefixLength(prompt) is int common && common >= LeastPrefix && common > slot.Cached);

    /// <summary>A slot for the sequence, with the sequence's position after what it found cached; false when no slot or not enough memory is free.</summary>
    public bool TryTake(Sequence sequence)
    {
        Slot? donor = prefixCache && !sequence.NeedsPromptLogits ? Donor(sequence.Prompt) : null;
        bool takeOver = donor is { Owner: null } && 2 * donor.CommonPrefix(sequence.Prompt) >= donor.Cached;
        Slot? slot = takeOver ? donor : LeastValuable(except: donor) ?? (donor is { Owner: null } ? donor : null);
        // Where memory is short the prefix itself may have to go.
        if (slot is null || !(MakeRoom(slot, sequence.ReservedTokens, keep: donor) || MakeRoom(slot, sequence.ReservedTokens, keep: null)))
        {
            return false;
        }
        // At least two tokens are left to compute, see ChunkSize.
        int reused = Math.Min(donor?.CommonPrefix(sequence.Prompt) ?? 0, sequence.Prompt.Length - 2);
        if (reused < LeastPrefix || (slot != donor && !buffers.CanCopy))
        {
            reused = 0;
        }
        else if (slot != donor)
        {
            buffers.Copy(donor!.Index, slot.Index, reused);
        }
        slot.Owner = sequence;
        slot.Prompt = sequence.Prompt;
        slot.Cached = reused;
        slot.Touched = Math.Max(slot.Touched, reused);
        Touch(slot);
        if (donor is not null)
        {
            Touch(donor);
        }
        sequence.Slot = slot;
        sequence.Position = reused;
        return true;
    }

    /// <summary>The sequence has left; its prompt stays cached.</summary>
    public void Return(Slot slot)
    {
        slot.Owner = null;
        Touch(slot);
        // A row that is decoded along while its slot is free writes behind what is cached, so one place must be left.
        slot.Cached = prefixCache ? Math.Min(slot.Cached, buffers.Capacity - 1) : 0;
    }

    /// <summary>Moves a sequence into a free slot.</summary>
    public void Move(Slot from, Slot to)
    {
        Sequence sequence = from.Owner!;
        buffers.Copy(from.Index, to.Index, sequence.Position);
        (to.Owner, to.Prompt, to.Cached) = (sequence, from.Prompt, from.Cached);
        to.Touched = Math.Max(to.Touched, sequence.Position);
        sequence.Slot = to;
        Touch(to);
        Return(from);
        MakeRoom(to, sequence.ReservedTokens, keep: null);
    }

    private void Touch(Slot slot) => slot.LastUsed = ++_tick;

    private Slot? Donor(int[] prompt)
    {
        Slot? best = null;
        int longest = LeastPrefix - 1;
        foreach (Slot slot in _slots)
        {
            int common = slot.CommonPrefix(prompt);
            // Of equals a free one: it can be taken over.
            if (common > longest || (common == longest && best is { Owner: not null } && slot.Owner is null))
            {
                (best, longest) = (slot, common);
            }
        }
        return best;
    }

    /// <summary>The free slot that holds nothing, the first of them, or else the one used longest ago.</summary>
    private Slot? LeastValuable(Slot? except) =>
        _slots.Where(slot => slot.Owner is null && slot != except).MinBy(slot => slot.Cached == 0 ? slot.Index - _slots.Length : slot.LastUsed);

    /// <summary>Gives back memory of free slots, those used longest ago first, until <paramref name="slot"/> may hold <paramref name="tokens"/>.</summary>
    private bool MakeRoom(Slot slot, int tokens, Slot? keep)
    {
        while (CommittedTokens - slot.Committed + Math.Max(slot.Touched, tokens) > BudgetTokens)
        {
            Slot? oldest = _slots.Where(each => each.Owner is null && each.Touched > 0 && each != slot && each != keep).MinBy(each => each.LastUsed);
            if (oldest is not null)
            {
                Release(oldest);
            }
            else if (slot.Owner is null && slot != keep && slot.Touched > tokens)
            {
                Release(slot);
            }
            else
            {
                return false;
            }
        }
        return true;
    }

    private void Release(Slot slot)
    {
        buffers.Release(slot.Index);
        (slot.Cached, slot.Touched, slot.Prompt) = (0, 0, []);
    }
}
