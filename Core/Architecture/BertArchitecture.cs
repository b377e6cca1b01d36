namespace Factory.Core.Architecture;

/// <summary>
/// A BERT encoder as data (Devlin et al. 2019, arXiv 1810.04805): learnt positions and token types, attention to all tokens, GELU, biases everywhere, and
/// Post-LN blocks with LayerNorm: the paper's Figure 2a. Its blocks are plans as a LLaMA's are. Written to and read from config.json by
/// <see cref="Configuration.BertConfig"/>.
/// </summary>
public sealed record BertArchitecture
{
    private const string Model = "model";

    public required int VocabularySize { get; init; }

    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    public required int BlockCount { get; init; }

    public required int Heads { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Kinds of tokens: 2 for question and passage.</summary>
    public required int TokenTypes { get; init; }

    public double LayerNormEpsilon { get; init; } = 1e-12;

    public required BertHead Head { get; init; }

    /// <summary>Whether the masked language model's last map is the token embedding.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>Standard deviation of the normal initialisation of every linear layer.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Token that fills rows of a batch.</summary>
    public int PaddingTokenId { get; init; }

    /// <summary>Channels per head.</summary>
    public int HeadSize => HiddenSize / Heads;

    /// <summary>Norm of the sum of the three embeddings.</summary>
    public NormPlan EmbeddingNorm => Norm($"{Model}.embed_norm");

    /// <summary>Norm in front of the masked language model's last map.</summary>
    public NormPlan HeadNorm => Norm("transform.norm");

    /// <summary>One plan per block, first block first.</summary>
    public IReadOnlyList<BlockPlan> Blocks => [.. Enumerable.Range(0, BlockCount).Select(Block)];

    /// <summary>Fails with one line that names the field when the numbers do not make a model.</summary>
    /// <exception cref="UserError">A size is out of range or does not divide another.</exception>
    public BertArchitecture Validate(string source)
    {
        Positive("vocab_size", VocabularySize);
        Positive("hidden_size", HiddenSize);
        Positive("intermediate_size", IntermediateSize);
        Positive("num_hidden_layers", BlockCount);
        Positive("num_attention_heads", Heads);
        Positive("max_position_embeddings", MaxPositions);
        Positive("type_vocab_size", TokenTypes);
        Require(HiddenSize % Heads == 0, "num_attention_heads", $"a divisor of hidden_size ({HiddenSize})", Heads);
        Require(LayerNormEpsilon > 0 && double.IsFinite(LayerNormEpsilon), "layer_norm_eps", "a positive number", LayerNormEpsilon);
        Require(PaddingTokenId >= 0 && PaddingTokenId < VocabularySize, "pad_token_id", $"a token id below vocab_size ({VocabularySize})", PaddingTokenId);
        return this;

        void Positive(string key, int value) => Require(value > 0, key, "a positive whole number", value);
        void Require(bool holds, string key, string expected, object found)
        {
            if (!holds)
            {
                throw new UserError(FormattableString.Invariant($"{source}: {key}: expected {expected}, found {found}."));
            }
        }
    }

    private BlockPlan Block(int index)
    {
        string prefix = BlockPlan.PrefixOf(index);
        return new BlockPlan(
            index,
            new ResidualBranch { AfterAdd = Norm($"{prefix}.attention_norm") },
            new AttentionPlan($"{prefix}.self_attn", Heads, Heads, HeadSize) { QueryKeyValueBias = true, OutputBias = true, Causal = false, Rotary = false },
            new ResidualBranch { AfterAdd = Norm($"{prefix}.mlp_norm") },
            new FeedForwardPlan($"{prefix}.mlp", IntermediateSize) { Kind = FeedForwardKind.Gelu, Bias = true });
    }

    private NormPlan Norm(string name) => new(NormKind.LayerNorm, name, HiddenSize, LayerNormEpsilon);
}
