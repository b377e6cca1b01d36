namespace Factory.InferenceApi.Models;

/// <summary>The models that this server answers with.</summary>
internal sealed record ModelList(IReadOnlyList<ModelEntry> Models);

/// <summary>One served model.</summary>
internal sealed record ModelEntry
{
    /// <summary>Name of its directory.</summary>
    public required string Name { get; init; }

    /// <summary>loading, ready or failed.</summary>
    public required ModelState State { get; init; }

    /// <summary>Why it failed; null otherwise.</summary>
    public required string? Reason { get; init; }

    /// <summary>Sizes of the network.</summary>
    public required ModelSizes Architecture { get; init; }

    /// <summary>Trained numbers in all.</summary>
    public required long Parameters { get; init; }

    /// <summary>How it was normalised in training; every scheme is served as plain operators.</summary>
    public required string NormScheme { get; init; }

    /// <summary>Number format of the weights, fp32 for example; null where the bundle does not say.</summary>
    public required string? Precision { get; init; }

    /// <summary>cpu or cuda; null until it is loaded.</summary>
    public required string? Provider { get; init; }

    /// <summary>Most tokens of prompt and continuation together.</summary>
    public required int ContextLength { get; init; }

    /// <summary>SHA-256 over names and hashes of the bundle's files.</summary>
    public required string ContentHash { get; init; }
}

/// <summary>Sizes of a LLaMA network.</summary>
internal sealed record ModelSizes(int VocabularySize, int HiddenSize, int IntermediateSize, int Blocks, int Heads, int KeyValueHeads, int HeadSize);
