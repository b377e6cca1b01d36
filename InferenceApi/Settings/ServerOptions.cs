using System.Net;
using Factory.Runtime;
using Factory.Runtime.Engine;

namespace Factory.InferenceApi.Settings;

/// <summary>What the person who starts the server chose.</summary>
internal sealed record ServerOptions
{
    /// <summary>Bundle directory that is served from the start.</summary>
    public required string Model { get; init; }

    /// <summary>Folder whose bundles an admin may load by name. Default: the one that <see cref="Model"/> lies in.</summary>
    public string? Models { get; init; }

    /// <summary>Where to listen; port 0 takes a free one. Default: http://127.0.0.1:5080.</summary>
    public IReadOnlyList<ListenAddress> Addresses { get; init; } = [new(IPAddress.Loopback, 5080)];

    /// <summary>Further names in a request's Host header that are answered; "*" for any.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Whether an address that others reach may be served without API keys.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Folder of the server's own files: API keys and evaluation jobs.</summary>
    public string State { get; init; } = DefaultState;

    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>Answers that are decoded at the same time.</summary>
    public int MaxConcurrent { get; init; } = 32;

    /// <summary>Memory for keys and values, in MB; null for a quarter of the machine's.</summary>
    public int? KvCacheMb { get; init; }

    /// <summary>What the engine may take.</summary>
    public EngineOptions Engine => new()
    {
        MaxSequences = Math.Clamp(MaxConcurrent, 1, 1024),
        MaxQueuedRequests = 1_000_000,
        KvCacheBytes = (KvCacheMb ?? 0) * 1_000_000L,
    };

    /// <summary>Requests that may wait for their turn to be decoded; one more is refused.</summary>
    public int Queue { get; init; } = 32;

    /// <summary>Requests a minute that one API key, or without keys one client address, may make; null: any number.</summary>
    public int? RateLimit { get; init; }

    /// <summary>Longest body in bytes that is read: some hundred times the text that fits into a context window.</summary>
    public int MaxBody { get; init; } = 1 << 20;

    /// <summary>How long a client may take over its headers, and how long its body may trickle in at under 240 bytes a second.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Seconds that one answer may take; null: any number.</summary>
    public int? MaxSeconds { get; init; }

    /// <summary>Folder with full evaluation sets; null for the samples that come with Factory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>File that the task "perplexity" scores; null: there is no such task here.</summary>
    public string? TextFile { get; init; }

    /// <summary>How long a stopping server lets answers in the making go on.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    public const string DefaultState = "server";

    public string ModelsDirectory => Models ?? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Model))) ?? "/";
}
