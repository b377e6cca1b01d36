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
            MaxPositions = Math.Max(preset.MaxPositions, time),
        };
    }
}
