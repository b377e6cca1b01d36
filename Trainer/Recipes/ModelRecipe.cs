using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Text;

namespace Factory.Trainer.Recipes;

/// <summary>The model to train.</summary>
public sealed record ModelRecipe
{
    /// <summary>The size that gave the defaults of the others.</summary>
    public required string Preset { get; init; }

    /// <summary>Normalization method.</summary>
    public required string Norm { get; init; }

    /// <summary>Whether to train the arm that the paper's authors ran under that name, where it is another.</summary>
    public bool AsRun { get; init; }

    /// <summary>Share of the blocks that are Post-LN, of Mix-LN only.</summary>
    public double MixRatio { get; init; } = MixNorm.DefaultRatio;

    /// <summary>Groups of channels, of Group-LN only.</summary>
    public int NormGroups { get; init; } = GroupNorm.DefaultGroups;

    /// <summary>LayerNorm Scaling multiplies by depth to the minus of this; of its methods only.</summary>
    public double LnsExponent { get; init; } = LayerNormScaling.DefaultExponent;

    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward network.</summary>
    public required int IntermediateSize { get; init; }

    public required int Blocks { get; init; }

    public required int Heads { get; init; }

    /// <summary>Heads that keys and values have; each serves heads / kv_heads query heads.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Whether the output head is the token embedding.</summary>
    public bool TieEmbeddings { get; init; }

    /// <summary>Standard deviation of the initial token embeddings.</summary>
    public required double EmbeddingStd { get; init; }

    /// <summary>The method that norm and as_run name.</summary>
    /// <exception cref="Core.SettingError">There is no such method, or no other arm of it.</exception>
    public NormScheme Scheme => AsRun ? NormSchemes.AsRun(NormSchemes.Named(Norm)) : NormSchemes.Named(Norm);

    /// <summary>Fails where there is no such method, or on a setting that belongs to another one.</summary>
    /// <exception cref="Core.SettingError">Named by the setting.</exception>
    public void RequireOwnSettings()
    {
        NormScheme scheme = Scheme;
        Require("mix_ratio", MixNorm.PostBlocksKey, MixRatio, MixNorm.DefaultRatio);
        Require("norm_groups", GroupNorm.GroupsKey, NormGroups, GroupNorm.DefaultGroups);
        Require("lns_exponent", LayerNormScaling.ExponentKey, LnsExponent, LayerNormScaling.DefaultExponent);

        void Require(string setting, string key, double value, double standard)
        {
            if (value != standard && !scheme.Settings.Contains(key))
            {
                throw new Core.SettingError(setting, FormattableString.Invariant($"expected none with the method {scheme}, found {value}. ")
                    + $"It belongs to {string.Join(", ", NormSchemes.All.Where(other => other.Settings.Contains(key)))}.");
            }
        }
    }

    /// <summary>The architecture for a tokenizer's vocabulary, with room for sequences of <paramref name="time"/> tokens.</summary>
    public LlamaArchitecture Architecture(TextTokenizer tokenizer, int time)
    {
        Preset preset = Core.Architecture.Preset.Named(Preset);
        return preset.Architecture(Scheme, tokenizer.VocabularySize, tokenizer.BosTokenId, tokenizer.EosTokenId) with
        {
            HiddenSize = HiddenSize,
            IntermediateSize = IntermediateSize,
            BlockCount = Blocks,
            Heads = Heads,
            KeyValueHeads = KvHeads,
            HeadSize = HiddenSize / Heads,
            TieEmbeddings = TieEmbeddings,
            PostNormBlocks = Takes(MixNorm.PostBlocksKey) ? MixNorm.PostBlocks(MixRatio, Blocks) : null,
            NormGroups = Takes(GroupNorm.GroupsKey) ? NormGroups : null,
            DepthExponent = LnsExponent == LayerNormScaling.DefaultExponent ? null : LnsExponent,
            MaxPositions = Math.Max(preset.MaxPositions, time),
        };
    }

    private bool Takes(string key) => Scheme.Settings.Contains(key);
}
