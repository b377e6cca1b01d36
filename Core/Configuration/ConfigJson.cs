using System.Text.Json;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Disk;

namespace Factory.Core.Configuration;

/// <summary>
/// config.json: the keys of Hugging Face's LLaMA, Mistral and Qwen, plus <c>norm_scheme</c>. It claims to be of such a family only where the stored
/// weights are one's (<see cref="ModelFamily"/>). Writes the dialect that every transformers release reads; reads the three in use
/// (<c>rope_theta</c> + <c>rope_scaling{type}</c> of 4.31, <c>rope_scaling{rope_type}</c> of 4.4x, <c>rope_parameters</c> of 5.x).
/// An unknown, duplicate, missing or misspelt key is an error that names it.
/// </summary>
public static class ConfigJson
{
    public const string FileName = "config.json";

    /// <summary>What Qwen3 has where config.json does not say, whatever the hidden size.</summary>
    private const int Qwen3HeadSize = 128;

    /// <summary>Writes config.json into <paramref name="directory"/>.</summary>
    public static void Write(string directory, LlamaArchitecture architecture) => ConfigFile.Write(directory, json => WriteKeys(json, architecture));

    /// <summary>Reads config.json of <paramref name="directory"/>.</summary>
    /// <exception cref="UserError">It is missing, malformed, or describes something that Factory does not run.</exception>
    public static LlamaArchitecture Read(string directory) =>
        ConfigFile.Read(directory, "LLaMA", ForeignKeys.Ignored, ReadKeys).Validate(Path.Combine(directory, FileName));

    private static void WriteKeys(Utf8JsonWriter json, LlamaArchitecture architecture)
    {
        ModelFamily family = ModelFamily.FromArchitecture(architecture);
        json.WriteStartArray("architectures");
        json.WriteStringValue(family.Class);
        json.WriteEndArray();
        json.WriteString("model_type", family.Type);
        WriteNormScheme(json, architecture);
        json.WriteNumber("vocab_size", architecture.VocabularySize);
        json.WriteNumber("hidden_size", architecture.HiddenSize);
        json.WriteNumber("intermediate_size", architecture.IntermediateSize);
        json.WriteNumber("num_hidden_layers", architecture.BlockCount);
        json.WriteNumber("num_attention_heads", architecture.Heads);
        json.WriteNumber("num_key_value_heads", architecture.KeyValueHeads);
        json.WriteNumber("head_dim", architecture.HeadSize);
        json.WriteNumber("max_position_embeddings", architecture.MaxPositions);
        json.WriteString("hidden_act", "silu");
        FamilyKeys.Write(json, family, architecture);
        json.WriteNumber("rms_norm_eps", architecture.RmsNormEpsilon);
        json.WriteNumber("rope_theta", architecture.RopeTheta);
        WriteRopeScaling(json, architecture.RopeScaling);
        json.WriteBoolean("tie_word_embeddings", architecture.TieEmbeddings);
        json.WriteNumber("initializer_range", architecture.InitializerRange);
        WriteTokens(json, architecture);
        json.WriteString("torch_dtype", "float32");
    }

    private static void WriteNormScheme(Utf8JsonWriter json, LlamaArchitecture architecture)
    {
        json.WriteString("norm_scheme", architecture.NormScheme.Name);
        if (architecture.PostNormBlocks is int blocks)
        {
            json.WriteNumber(MixNorm.PostBlocksKey, blocks);
        }
        if (architecture.NormGroups is int groups)
        {
            json.WriteNumber(GroupNorm.GroupsKey, groups);
        }
        if (architecture.DepthExponent is double exponent)
        {
            json.WriteNumber(LayerNormScaling.ExponentKey, exponent);
        }
    }

    private static void WriteRopeScaling(Utf8JsonWriter json, RopeScaling? scaling)
    {
        if (scaling is null)
        {
            json.WriteNull("rope_scaling");
            return;
        }
        json.WriteStartObject("rope_scaling");
        switch (scaling)
        {
            case RopeScaling.Linear linear:
                json.WriteString("rope_type", "linear");
                json.WriteNumber("factor", linear.Factor);
                break;
            case RopeScaling.Llama3 llama:
                json.WriteString("rope_type", "llama3");
                json.WriteNumber("factor", llama.Factor);
                json.WriteNumber("low_freq_factor", llama.LowFrequencyFactor);
                json.WriteNumber("high_freq_factor", llama.HighFrequencyFactor);
                json.WriteNumber("original_max_position_embeddings", llama.OriginalMaxPositions);
                break;
            case RopeScaling.Yarn yarn:
                json.WriteString("rope_type", "yarn");
                json.WriteNumber("factor", yarn.Factor);
                json.WriteNumber("original_max_position_embeddings", yarn.OriginalMaxPositions);
                json.WriteNumber("attention_factor", yarn.AttentionFactor);
                json.WriteNumber("beta_fast", yarn.BetaFast);
                json.WriteNumber("beta_slow", yarn.BetaSlow);
                json.WriteBoolean("truncate", yarn.Truncate);
                break;
            default:
                throw new InvalidOperationException($"No spelling for {scaling.GetType().Name}.");
        }
        json.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter json, LlamaArchitecture architecture)
    {
        if (architecture.BosTokenId is int bos)
        {
            json.WriteNumber("bos_token_id", bos);
        }
        else
        {
            json.WriteNull("bos_token_id");
        }
        switch (architecture.EosTokenIds)
        {
            case []:
                json.WriteNull("eos_token_id");
                break;
            case [int eos]:
                json.WriteNumber("eos_token_id", eos);
                break;
            default:
                json.WriteStartArray("eos_token_id");
                foreach (int eos in architecture.EosTokenIds)
                {
                    json.WriteNumberValue(eos);
                }
                json.WriteEndArray();
                break;
        }
    }

    private static NormScheme ReadNormScheme(ConfigKeys keys)
    {
        string name = keys.OptionalString("norm_scheme") ?? NormSchemes.Pre.Name;
        return NormSchemes.Find(name) ?? throw keys.Bad("norm_scheme", $"one of {string.Join(", ", NormSchemes.Names)}", $"'{name}'");
    }

    private static LlamaArchitecture ReadKeys(ConfigKeys keys)
    {
        // Checkpoints written before the own type existed, and folders of others with norm_scheme, say llama whatever their method.
        ModelFamily family = ModelFamily.Read(keys);
        keys.RequireOptional("hidden_act", "silu");
        ForeignKeys.RequireDefaults(keys);
        int hidden = keys.Whole("hidden_size");
        int heads = keys.Whole("num_attention_heads");
        if (heads <= 0)
        {
            throw keys.Bad("num_attention_heads", "a positive whole number", heads.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        (double theta, RopeScaling? scaling) = RopeKeys.Read(keys);
        return FamilyKeys.Read(keys, family, new LlamaArchitecture
        {
            VocabularySize = keys.Whole("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = keys.Whole("intermediate_size"),
            BlockCount = keys.Whole("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = keys.OptionalWhole("num_key_value_heads") ?? heads,
            HeadSize = keys.OptionalWhole("head_dim") ?? (family == ModelFamily.Qwen3 ? Qwen3HeadSize : hidden % heads == 0
                ? hidden / heads
                : throw keys.Bad("head_dim", $"a value, since hidden_size {hidden} is not a multiple of num_attention_heads {heads}", "none")),
            MaxPositions = keys.Whole("max_position_embeddings"),
            RmsNormEpsilon = keys.Number("rms_norm_eps"),
            RopeTheta = theta,
            RopeScaling = scaling,
            TieEmbeddings = keys.OptionalTruth("tie_word_embeddings") ?? false,
            NormScheme = ReadNormScheme(keys),
            PostNormBlocks = keys.OptionalWhole(MixNorm.PostBlocksKey),
            NormGroups = keys.OptionalWhole(GroupNorm.GroupsKey),
            DepthExponent = keys.OptionalNumber(LayerNormScaling.ExponentKey),
            InitializerRange = keys.OptionalNumber("initializer_range") ?? 0.02,
            BosTokenId = keys.OptionalWhole("bos_token_id"),
            EosTokenIds = keys.OptionalWholes("eos_token_id"),
        });
    }
}
