using System.Text.Json;
using Factory.Core.Architecture;
using Factory.Core.Disk;

namespace Factory.Core.Configuration;

/// <summary>config.json of a BERT, in Hugging Face's keys. What would compute something else is refused by its name.</summary>
public static class BertConfig
{
    /// <summary>Its <c>model_type</c>.</summary>
    internal const string Type = "bert";

    private static readonly Dictionary<BertHead, string> Classes = new()
    {
        [BertHead.QuestionAnswering] = "BertForQuestionAnswering",
        [BertHead.MaskedLanguageModel] = "BertForMaskedLM",
    };

    /// <summary>Keys about training, origin, or parts that neither head reads (the pooler).</summary>
    private static readonly HashSet<string> Ignored =
    [
        .. ForeignKeys.Ignored, "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "gradient_checkpointing", "directionality", "pooler_fc_size", "pooler_num_attention_heads",
        "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type", "output_past", "bos_token_id", "eos_token_id", "language",
    ];

    /// <summary>Whether the model in <paramref name="directory"/> says that it is a BERT, whatever else stands there.</summary>
    public static bool IsAt(string directory)
    {
        string path = Path.Combine(directory, ConfigJson.FileName);
        if (!File.Exists(path))
        {
            return false;
        }
        try
        {
            using JsonDocument document = JsonDocument.Parse(InputFile.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("model_type", out JsonElement type)
                && type.ValueKind == JsonValueKind.String && type.GetString() == Type;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Writes config.json into <paramref name="directory"/>.</summary>
    public static void Write(string directory, BertArchitecture model) => ConfigFile.Write(directory, json =>
    {
        json.WriteStartArray("architectures");
        json.WriteStringValue(Classes[model.Head]);
        json.WriteEndArray();
        json.WriteString("model_type", Type);
        json.WriteNumber("vocab_size", model.VocabularySize);
        json.WriteNumber("hidden_size", model.HiddenSize);
        json.WriteNumber("intermediate_size", model.IntermediateSize);
        json.WriteNumber("num_hidden_layers", model.BlockCount);
        json.WriteNumber("num_attention_heads", model.Heads);
        json.WriteNumber("max_position_embeddings", model.MaxPositions);
        json.WriteNumber("type_vocab_size", model.TokenTypes);
        json.WriteString("hidden_act", "gelu");
        json.WriteNumber("layer_norm_eps", model.LayerNormEpsilon);
        json.WriteNumber("initializer_range", model.InitializerRange);
        json.WriteNumber("pad_token_id", model.PaddingTokenId);
        json.WriteBoolean("tie_word_embeddings", model.TieEmbeddings);
        json.WriteString("torch_dtype", "float32");
    });

    /// <summary>Reads config.json of <paramref name="directory"/>.</summary>
    /// <exception cref="UserError">It is missing, malformed, or describes something that Factory does not run.</exception>
    public static BertArchitecture Read(string directory) =>
        ConfigFile.Read(directory, "BERT", Ignored, Read).Validate(Path.Combine(directory, ConfigJson.FileName));

    private static BertArchitecture Read(ConfigKeys keys)
    {
        keys.RequireString("model_type", Type, "models of other families: 'import hf'");
        keys.RequireOptional("hidden_act", "gelu");
        keys.RequireOptional("position_embedding_type", "absolute");
        keys.RequireFalse("is_decoder", "an encoder, whose tokens see all others");
        ForeignKeys.RequireDefaults(keys);
        return new BertArchitecture
        {
            VocabularySize = keys.Whole("vocab_size"),
            HiddenSize = keys.Whole("hidden_size"),
            IntermediateSize = keys.Whole("intermediate_size"),
            BlockCount = keys.Whole("num_hidden_layers"),
            Heads = keys.Whole("num_attention_heads"),
            MaxPositions = keys.Whole("max_position_embeddings"),
            TokenTypes = keys.OptionalWhole("type_vocab_size") ?? 2,
            LayerNormEpsilon = keys.OptionalNumber("layer_norm_eps") ?? 1e-12,
            InitializerRange = keys.OptionalNumber("initializer_range") ?? 0.02,
            PaddingTokenId = keys.OptionalWhole("pad_token_id") ?? 0,
            TieEmbeddings = keys.OptionalTruth("tie_word_embeddings") ?? true,
            Head = ReadHead(keys),
        };
    }

    private static BertHead ReadHead(ConfigKeys keys)
    {
        IReadOnlyList<string> found = keys.OptionalStrings("architectures");
        foreach ((BertHead head, string name) in Classes)
        {
            if (found is [string only] && only == name)
            {
                return head;
            }
        }
        throw keys.Bad("architectures", $"[\"{string.Join("\"] or [\"", Classes.Values)}\"]", found.Count == 0 ? "none" : string.Join(", ", found));
    }
}
