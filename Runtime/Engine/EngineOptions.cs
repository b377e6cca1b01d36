using Factory.Core;

namespace Factory.Runtime.Engine;

/// <summary>How much an engine does at once and how much memory it may take for that.</summary>
public sealed record EngineOptions
{
    private const int MostSequences = 1024;
    private const int MostQueued = 1_000_000;
    private const long DefaultShareOfMemory = 4; // one in four

    /// <summary>Sequences that are decoded together, 1 to 1024. Default: 32.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>Tokens of one sequence, prompt and continuation together; 0 for the model's context window. Default: 0.</summary>
    public int MaxSequenceTokens { get; init; }

    /// <summary>Requests that may wait for a place, 0 to 1,000,000. Default: 1024.</summary>
    public int MaxQueuedRequests { get; init; } = 1024;

    /// <summary>Memory for keys and values, in bytes; 0 for a quarter of what the process may use. Default: 0.</summary>
    public long KvCacheBytes { get; init; }

    /// <summary>Whether a prompt takes over keys and values of an earlier prompt with the same beginning. Results are the same. Default: true.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary><see cref="KvCacheBytes"/>, or its default in numbers.</summary>
    internal long KvBudget => KvCacheBytes > 0 ? KvCacheBytes : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / DefaultShareOfMemory;

    /// <exception cref="SettingError">A setting is out of range; it is named in snake_case.</exception>
    public void Validate()
    {
        Require(MaxSequences is >= 1 and <= MostSequences, "max_sequences", $"from 1 to {MostSequences}", MaxSequences);
        Require(MaxSequenceTokens >= 0, "max_sequence_tokens", "0 (the context window) or a positive whole number", MaxSequenceTokens);
        Require(MaxQueuedRequests is >= 0 and <= MostQueued, "max_queued_requests", $"from 0 to {MostQueued}", MaxQueuedRequests);
        Require(KvCacheBytes >= 0, "kv_cache_bytes", "0 (a quarter of the memory) or a positive number of bytes", KvCacheBytes);
    }

    private static void Require(bool holds, string setting, string expected, long found)
    {
        if (!holds)
        {
            throw new SettingError(setting, FormattableString.Invariant($"expected {expected}, found {found}."));
        }
    }
}
