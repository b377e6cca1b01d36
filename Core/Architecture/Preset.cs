namespace Factory.Core.Architecture;

/// <summary>
/// A named size. All but nano are those of the paper's published configurations (hidden, intermediate, blocks, heads). How a size is trained stands in
/// the Trainer's recipes.
/// </summary>
public sealed record Preset(string Name, int HiddenSize, int IntermediateSize, int BlockCount, int Heads, int MaxPositions = 2048)
{
    /// <summary>All presets, smallest first.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        new("nano", 128, 344, 8, 4, MaxPositions: 512),
        new("9m", 128, 352, 4, 4),
        new("20m", 256, 688, 4, 4),
        new("35m", 384, 1024, 6, 8),
        new("40m", 416, 1024, 8, 8),
        new("60m", 512, 1376, 8, 8),
        new("71m", 512, 1368, 12, 8),
        new("100m", 640, 1708, 12, 10),
        new("130m", 768, 2048, 12, 12),
        new("250m", 768, 2560, 24, 16),
        new("350m", 1024, 2736, 24, 16),
        new("1b", 2048, 5461, 24, 32),
        new("3b", 2560, 6848, 32, 32),
        new("7b", 4096, 11008, 32, 32),
    ];

    /// <exception cref="SettingError">No preset has that name.</exception>
    public static Preset Named(string name) =>
        All.FirstOrDefault(preset => preset.Name == name)
        ?? throw new SettingError("preset", $"expected one of {string.Join(", ", All.Select(preset => preset.Name))}, found '{name}'.");

    /// <summary>The preset's model for a tokenizer's vocabulary and special tokens.</summary>
    public LlamaArchitecture Architecture(NormScheme scheme, int vocabularySize, int? bosTokenId, int? eosTokenId) => new()
    {
        VocabularySize = vocabularySize,
        HiddenSize = HiddenSize,
        IntermediateSize = IntermediateSize,
        BlockCount = BlockCount,
        Heads = Heads,
        KeyValueHeads = Heads,
        HeadSize = HiddenSize / Heads,
        MaxPositions = MaxPositions,
        NormScheme = scheme,
        BosTokenId = bosTokenId,
        EosTokenIds = eosTokenId is int eos ? [eos] : [],
    };
}
