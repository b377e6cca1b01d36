using Factory.Core;

namespace Factory.Runtime.Engine;

/// <summary>How many slots an engine has, and how many tokens they may hold together.</summary>
internal readonly record struct KvBudget(int Slots, long Tokens)
{
    // Address space costs nothing until it is written, but it is not endless either.
    private const int AddressSpaceOverBudget = 8;

    /// <exception cref="InsufficientMemoryError">Not one sequence of <paramref name="capacity"/> tokens fits.</exception>
    public static KvBudget For(EngineOptions options, ModelSession model, int capacity)
    {
        long perToken = model.KvLayout.BytesPerToken;
        long perSlot = perToken * capacity;
        long tokens = Math.Min(options.KvBudget / perToken, (long)options.MaxSequences * capacity);
        if (tokens < capacity)
        {
            throw new InsufficientMemoryError(
                $"kv_cache_bytes: expected at least {InsufficientMemoryError.Size(perSlot)} for one sequence of {capacity} tokens, found {InsufficientMemoryError.Size(options.KvBudget)}. Raise it, or lower max_sequence_tokens.");
        }
        // On a device memory is real at once, so a slot takes its whole capacity.
        long affordable = options.KvBudget / perSlot * (model.Provider == "cpu" ? AddressSpaceOverBudget : 1);
        return new KvBudget((int)Math.Clamp(affordable, 1, options.MaxSequences), tokens);
    }
}
