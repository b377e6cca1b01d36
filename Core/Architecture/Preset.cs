namespace Factory.Core.Architecture;

/// <summary>
/// A named size with its training recipe. The paper's sizes and recipes are those of its published configurations:
/// hidden, intermediate, blocks, heads; peak learning rate, warm-up and steps at 512 sequences of 256 tokens. Learning rate and steps are
/// published for 71m, 130m, 250m, 350m, 1b and 7b; the other sizes take those of a neighbour.
/// </summary>
public sealed record Preset
{
    public required string Name { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int BlockCount { get; init; }

    public required int Heads { get; init; }

    public required int MaxPositions { get; init; }

    /// <summary>Tokens predicted per training sequence.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Sequences per optimizer step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Sequences per forward pass; BatchSize / MicroBatchSize passes are accumulated.</summary>
    public required int MicroBatchSize { get; init; }

    public required double PeakLearningRate { get; init; }

    public required int WarmupSteps { get; init; }

    public required int Steps { get; init; }

    /// <summary>Decay of the mean of squared gradients. The paper's runs are plain Adam without clipping.</summary>
    public double Beta2 { get; init; } = 0.999;

    public double WeightDecay { get; init; }

    /// <summary>Largest norm of the gradient; 0 never clips.</summary>
    public double Clip { get; init; }

    /// <summary>Steps between validations.</summary>
    public int EvalEvery { get; init; } = 1_000;

    /// <summary>Validation tokens per validation, at most.</summary>
    public long EvalTokens { get; init; } = 10_000_000;

    /// <summary>Steps between checkpoints.</summary>
    public int SaveEvery { get; init; } = 1_000;

    /// <summary>All presets, smallest first.</summary>
    public static IReadOnlyList<Preset> All { get; } =
    [
        new()
        {
            Name = "nano", HiddenSize = 128, IntermediateSize = 344, BlockCount = 8, Heads = 4, MaxPositions = 512,
            SequenceLength = 256, BatchSize = 4, MicroBatchSize = 4, PeakLearningRate = 3e-3, WarmupSteps = 60, Steps = 600,
            Beta2 = 0.95, WeightDecay = 0.1, Clip = 1, EvalEvery = 200, EvalTokens = 50_000, SaveEvery = 200,
        },
        Paper("9m", 128, 352, 4, 4, 1e-3, 1_000, 10_000),
        Paper("20m", 256, 688, 4, 4, 1e-3, 1_000, 10_000),
        Paper("35m", 384, 1024, 6, 8, 1e-3, 1_000, 10_000),
        Paper("40m", 416, 1024, 8, 8, 1e-3, 1_000, 10_000),
        Paper("60m", 512, 1376, 8, 8, 1e-3, 1_000, 10_000),
        Paper("71m", 512, 1368, 12, 8, 1e-3, 1_000, 10_000),
        Paper("100m", 640, 1708, 12, 10, 1e-3, 2_000, 20_000),
        Paper("130m", 768, 2048, 12, 12, 1e-3, 2_000, 20_000),
        Paper("250m", 768, 2560, 24, 16, 1e-3, 4_000, 40_000),
        Paper("350m", 1024, 2736, 24, 16, 1e-3, 6_000, 60_000),
        Paper("1b", 2048, 5461, 24, 32, 5e-4, 1_000, 100_000),
        Paper("3b", 2560, 6848, 32, 32, 5e-4, 12_000, 120_000),
        Paper("7b", 4096, 11008, 32, 32, 5e-4, 15_000, 150_000),
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

    private static Preset Paper(string name, int hidden, int intermediate, int blocks, int heads, double rate, int warmup, int steps) => new()
    {
        Name = name,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        BlockCount = blocks,
        Heads = heads,
        MaxPositions = 2048,
        SequenceLength = 256,
        BatchSize = 512,
        MicroBatchSize = 32,
        PeakLearningRate = rate,
        WarmupSteps = warmup,
        Steps = steps,
    };
}
