namespace Factory.Runtime.Engine;

/// <summary>What an engine does now and has done since it started.</summary>
public sealed record EngineStatistics
{
    /// <summary>Requests that wait for a slot or for memory.</summary>
    public required int Waiting { get; init; }

    /// <summary>Requests in prefill or decode.</summary>
    public required int Running { get; init; }

    /// <summary>Sequences that can be decoded together: as many as asked for, or as there was memory for when it started.</summary>
    public required int Slots { get; init; }

    /// <summary>Bytes of KV cache that running requests have reserved or finished ones have left in use.</summary>
    public required long KvCacheBytesUsed { get; init; }

    /// <summary>Bytes of KV cache that may be used.</summary>
    public required long KvCacheBytesLimit { get; init; }

    /// <summary>Bytes of the host's buffers for ids and logits.</summary>
    public required long BufferBytes { get; init; }

    /// <summary>Prompt tokens that were computed.</summary>
    public required long PrefillTokens { get; init; }

    /// <summary>Runs that computed them; prompt tokens over runs is the mean run.</summary>
    public required long PrefillRuns { get; init; }

    /// <summary>Prompt tokens whose keys and values were taken from an earlier prompt.</summary>
    public required long PrefixCacheTokens { get; init; }

    /// <summary>Tokens that were generated.</summary>
    public required long GeneratedTokens { get; init; }

    /// <summary>Decode steps; generated tokens over steps is the mean batch.</summary>
    public required long DecodeSteps { get; init; }
}
