namespace Factory.Core.Architecture;

/// <summary>
/// A LLaMA-family decoder as data: RMSNorm, half-split rotary positions, causal attention with grouped key/value heads, SwiGLU, no biases.
/// Written to and read from config.json by <see cref="Configuration.ConfigJson"/>.
/// </summary>
public sealed record LlamaArchitecture
{
    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    /// <summary>Width of the SwiGLU feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    public required int BlockCount { get; init; }

    public required int Heads { get; init; }

    /// <summary>Heads that keys and values have; each serves Heads / KeyValueHeads query heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Channels per head. Heads * HeadSize need not equal HiddenSize.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int MaxPositions { get; init; }

    public double RmsNormEpsilon { get; init; } = 1e-6;

    public double RopeTheta { get; init; } = 10_000;

    /// <summary>null: plain rotary frequencies.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>Whether the output head reuses the token embedding.</summary>
    public bool TieEmbeddings { get; init; }

    public required NormScheme NormScheme { get; init; }

    /// <summary>Standard deviation of the normal initialisation of every linear layer.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Token that opens a sequence, if the tokenizer has one.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a generation; the first closes documents in training. May be empty.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>One plan per block, first block first.</summary>
    public IReadOnlyList<BlockPlan> Blocks => [.. Enumerable.Range(0, BlockCount).Select(index => BlockPlan.For(NormScheme, index))];

    /// <summary>Every trainable tensor, in state-dict order.</summary>
    public ParameterCatalog Parameters => new(this);

    /// <summary>Fails with one line that names the field when the numbers do not make a model.</summary>
    /// <exception cref="UserError">A size is out of range or does not divide another.</exception>
    public LlamaArchitecture Validate(string source)
    {
        Positive("vocab_size", VocabularySize);
        Positive("hidden_size", HiddenSize);
        Positive("intermediate_size", IntermediateSize);
        Positive("num_hidden_layers", BlockCount);
        Positive("num_attention_heads", Heads);
        Positive("num_key_value_heads", KeyValueHeads);
        Positive("head_dim", HeadSize);
        Positive("max_position_embeddings", MaxPositions);
        Require(Heads % KeyValueHeads == 0, "num_key_value_heads", $"a divisor of num_attention_heads ({Heads})", KeyValueHeads);
        Require(HeadSize % 2 == 0, "head_dim", "an even number (rotary positions turn pairs of channels)", HeadSize);
        Require(RmsNormEpsilon > 0 && double.IsFinite(RmsNormEpsilon), "rms_norm_eps", "a positive number", RmsNormEpsilon);
        Require(RopeTheta > 0 && double.IsFinite(RopeTheta), "rope_theta", "a positive number", RopeTheta);
        Require(InitializerRange > 0 && double.IsFinite(InitializerRange), "initializer_range", "a positive number", InitializerRange);
        Token("bos_token_id", BosTokenId);
        foreach (int id in EosTokenIds)
        {
            Token("eos_token_id", id);
        }
        return this;

        void Positive(string key, int value) => Require(value > 0, key, "a positive whole number", value);
        void Token(string key, int? id) => Require(id is null || (id >= 0 && id < VocabularySize), key, $"a token id below vocab_size ({VocabularySize})", id ?? 0);
        void Require(bool holds, string key, string expected, object found)
        {
            if (!holds)
            {
                throw new UserError(FormattableString.Invariant($"{source}: {key}: expected {expected}, found {found}."));
            }
        }
    }
}
