using Factory.Runtime;

namespace Factory.InferenceApi.Hosting;

/// <summary>What the person who starts the server chose.</summary>
internal sealed record ServerOptions
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>Bundle directory.</summary>
    public required string Model { get; init; }

    /// <summary>Addresses to listen on, http://HOST:PORT; port 0 takes a free one.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [DefaultUrl];

    public RuntimeOptions Runtime { get; init; } = new();

    /// <summary>Answers that are decoded at the same time.</summary>
    public int MaxConcurrent { get; init; } = 2;

    /// <summary>Requests that may wait for their turn to be decoded; one more is refused.</summary>
    public int Queue { get; init; } = 32;

    /// <summary>Folder with full evaluation sets; null for the samples that come with Factory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>File that the task "perplexity" scores; null: there is no such task here.</summary>
    public string? TextFile { get; init; }

    /// <summary>How long a stopping server lets answers in the making go on.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(3);
}
