using Factory.Core;
using Factory.Runtime.Native;

namespace Factory.Runtime.Engine;

/// <summary>How many slots an engine has, and how many tokens they may hold together: as many as asked for, or as there is memory for.</summary>
/// <param name="Shortage">What kept it from being as many slots or tokens as asked for; null if nothing did.</param>
internal sealed record KvBudget(int Slots, long Tokens, string? Shortage)
{
    // Address space costs nothing until it is written, but it is not endless either.
    private const int AddressSpaceOverBudget = 8;

    /// <summary>For a model on the CPU with what is free now; on a device with what the options say.</summary>
    /// <inheritdoc cref="For(EngineOptions, KvLayout, int, bool, long, long)"/>
    public static KvBudget For(EngineOptions options, ModelSession model, int capacity) => model.Provider == "cpu"
        ? For(options, model.KvLayout, capacity, lazy: true, FreeMemory.Bytes(limit: 0), FreeMemory.AddressSpace())
        // The memory is not the host's: its allocator will say.
        : For(options, model.KvLayout, capacity, lazy: false, long.MaxValue, long.MaxValue);

    /// <param name="lazy">Whether memory becomes real as it is written, rather than at once.</param>
    /// <param name="free">Bytes that the process may still take. A quarter of them is left for activations.</param>
    /// <param name="addressSpace">Bytes that it may still map. Half of them are left for all else.</param>
    /// <exception cref="InsufficientMemoryError">Not one sequence of <paramref name="capacity"/> tokens fits.</exception>
    public static KvBudget For(EngineOptions options, KvLayout layout, int capacity, bool lazy, long free, long addressSpace)
    {
        long perSlot = layout.BytesPerToken * capacity;
        string one = $"at least {InsufficientMemoryError.Size(perSlot)} for one sequence of {capacity} tokens";
        if (options.KvBudget < perSlot)
        {
            throw new InsufficientMemoryError($"kv_cache_bytes: expected {one}, found {InsufficientMemoryError.Size(options.KvBudget)}. Raise it, or lower max_sequence_tokens.");
        }
        (free, addressSpace) = (free / 4 * 3, addressSpace / 2);
        if (Math.Min(free, addressSpace) < perSlot)
        {
            throw new InsufficientMemoryError($"KV cache: expected {one} of memory, found {InsufficientMemoryError.Size(Math.Min(free, addressSpace))} that can be spared. Lower max_sequence_tokens, or free some.");
        }
        long wanted = Math.Min(options.KvBudget, options.MaxSequences * perSlot);
        long bytes = Math.Min(wanted, free);
        long affordable = bytes / perSlot * (lazy ? AddressSpaceOverBudget : 1);
        int slots = (int)Math.Min(Math.Min(affordable, addressSpace / perSlot), options.MaxSequences);
        string? shortage = slots < Math.Min(affordable, options.MaxSequences) ? "address space (RLIMIT_AS)"
            : bytes < wanted ? "free memory"
            : slots < options.MaxSequences ? "kv_cache_bytes"
            : null;
        return new KvBudget(slots, Math.Min(bytes / layout.BytesPerToken, (long)slots * capacity), shortage);
    }

    /// <summary>With half the slots.</summary>
    public KvBudget Halved(int capacity) => new(Slots / 2, Math.Min(Tokens, (long)Slots / 2 * capacity), "memory that the system maps");
}
