namespace Factory.Core.Architecture;

/// <summary>
/// A LLaMA-family decoder as data: half-split rotary positions, causal attention with grouped key/value heads, SwiGLU; norms and residual
/// branches as its <see cref="NormScheme"/> plans them.
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

    /// <summary>Plans norms, residual branches and initialisation.</summary>
    public required NormScheme NormScheme { get; init; }

    /// <summary>Mix-LN's number of Post-LN blocks; null: a quarter of the blocks. No other method takes it.</summary>
    public int? PostNormBlocks { get; init; }

    /// <summary>Group-LN's number of groups; null: 8. No other method takes it.</summary>
    public int? NormGroups { get; init; }

    /// <summary>LayerNorm Scaling multiplies by depth to the minus of this; null: 1/2. No other method takes it.</summary>
    public double? DepthExponent { get; init; }

    /// <summary>Whether the projections to queries, keys and values have biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the feed-forward network's linear maps have biases.</summary>
    public bool FeedForwardBias { get; init; }

    /// <summary>Whether each query and key head passes an RMSNorm before the rotation.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>Standard deviation of the normal initialisation of every linear layer.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Token that opens a sequence, if the tokenizer has one.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a generation; the first closes documents in training. May be empty.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Tokens that a query sees, itself included, in the blocks that are not among <see cref="UnwindowedBlocks"/>; null: all before it.</summary>
    public int? Window { get; init; }

    /// <summary>Indices of the blocks, from zero, whose queries see all tokens before them in spite of a <see cref="Window"/>.</summary>
    public IReadOnlyList<int> UnwindowedBlocks { get; init; } = [];

    /// <summary>One plan per block, first block first.</summary>
    public IReadOnlyList<BlockPlan> Blocks => [.. Enumerable.Range(0, BlockCount).Select(Block)];

    /// <summary>Norm of the token embeddings, or null.</summary>
    public NormPlan? EmbeddingNorm => NormScheme.EmbeddingNorm(this);

    /// <summary>Norm in front of the head; every method keeps it.</summary>
    public NormPlan FinalNorm => new(NormKind.RMSNorm, "model.norm", HiddenSize, RmsNormEpsilon);

    /// <summary>Whether a token's logits depend on itself and earlier tokens alone, so that the model can generate.</summary>
    public bool IsCausal => Blocks.All(block => block.SelfAttention.Causal && !block.Attention.LooksAhead && !block.FeedForward.LooksAhead);

    /// <summary>Whether constants and trained factors fold into weights so that plain Pre-LN blocks compute the same.</summary>
    public bool FoldsToPreNorm => EmbeddingNorm is null && Blocks.All(block => block.Attention.FoldsToPreNorm && block.FeedForward.FoldsToPreNorm);

    /// <summary>Whether the norms are a plain Pre-LN model's as they are, with nothing to fold.</summary>
    public bool HasPlainNorms => FoldsToPreNorm && Blocks.All(block => IsPlain(block.Attention) && IsPlain(block.FeedForward));

    /// <summary>Whether constants and trained factors fold into weights so that a plain LLaMA computes the same.</summary>
    public bool FoldsToPlainLlama => FoldsToPreNorm && Window is null && !QueryKeyNorm && QueryKeyValueBias == AttentionOutputBias;

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
        Require(Window is null or > 0, "sliding_window", "a positive whole number", Window ?? 0);
        Require(UnwindowedBlocks.All(index => index >= 0 && index < BlockCount), "layer_types", $"one of each block ({BlockCount})", string.Join(", ", UnwindowedBlocks));
        Setting("post_norm_blocks", PostNormBlocks);
        Setting("norm_groups", NormGroups);
        Setting("lns_exponent", DepthExponent);
        Require(DepthExponent is null || (DepthExponent >= 0 && double.IsFinite(DepthExponent.Value)), "lns_exponent", "a number from 0 up", DepthExponent ?? 0);
        if (NormScheme.Conflict(this) is (string conflict, string expectation, object found))
        {
            Require(false, conflict, expectation, found);
        }
        Token("bos_token_id", BosTokenId);
        foreach (int id in EosTokenIds)
        {
            Token("eos_token_id", id);
        }
        return this;

        void Setting(string key, object? value) => Require(value is null || NormScheme.Settings.Contains(key), key, $"none with the method {NormScheme}, which does not take it", value ?? "");
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

    private static bool IsPlain(ResidualBranch branch) => branch.Input!.Scale == 1 && branch.Branch.IsOne;

    private BlockPlan Block(int index)
    {
        string prefix = BlockPlan.PrefixOf(index);
        var attention = new AttentionPlan($"{prefix}.self_attn", Heads, KeyValueHeads, HeadSize)
        {
            QueryKeyValueBias = QueryKeyValueBias,
            OutputBias = AttentionOutputBias,
            QueryNorm = HeadNorm("q_norm"),
            KeyNorm = HeadNorm("k_norm"),
            Window = UnwindowedBlocks.Contains(index) ? null : Window,
        };
        return new BlockPlan(
            index,
            NormScheme.Branch(new BranchSite(this, index, BranchKind.Attention)),
            attention,
            NormScheme.Branch(new BranchSite(this, index, BranchKind.FeedForward)),
            new FeedForwardPlan($"{prefix}.mlp", IntermediateSize) { Bias = FeedForwardBias });

        NormPlan? HeadNorm(string name) => QueryKeyNorm ? new NormPlan(NormKind.RMSNorm, $"{prefix}.self_attn.{name}", HeadSize, RmsNormEpsilon) : null;
    }
}
