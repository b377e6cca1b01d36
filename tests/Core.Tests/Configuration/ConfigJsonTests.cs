using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Configuration;

namespace Factory.Core.Tests.Configuration;

public class ConfigJsonTests
{
    private static readonly LlamaArchitecture Model = new()
    {
        VocabularySize = 300,
        HiddenSize = 48,
        IntermediateSize = 112,
        BlockCount = 3,
        Heads = 6,
        KeyValueHeads = 2,
        HeadSize = 16,
        MaxPositions = 256,
        RmsNormEpsilon = 1e-5,
        RopeTheta = 500_000,
        RopeScaling = new RopeScaling.Llama3(8, 1, 4, 64),
        TieEmbeddings = true,
        NormScheme = NormSchemes.Lns,
        InitializerRange = 0.01,
        BosTokenId = 1,
        EosTokenIds = [2, 7],
    };

    public static TheoryData<string> Schemes => [.. NormSchemes.Names];

    public static TheoryData<string> Variants => ["as it is", "linear", "no rotary scaling", "no tokens", "one eos", "pre", "yarn", "mix", "group", "exponent", "biases", "odd biases", "head norms", "window", "some windows", "window and head norms"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_is_written_is_read_again(string variant)
    {
        LlamaArchitecture model = variant switch
        {
            "linear" => Model with { RopeScaling = new RopeScaling.Linear(2.5) },
            "no rotary scaling" => Model with { RopeScaling = null },
            "no tokens" => Model with { BosTokenId = null, EosTokenIds = [] },
            "one eos" => Model with { EosTokenIds = [2] },
            "pre" => Model with { NormScheme = NormSchemes.Pre, TieEmbeddings = false },
            "yarn" => Model with { RopeScaling = new RopeScaling.Yarn(3, 64, 1.25, 16, 2, Truncate: false) },
            "mix" => Model with { NormScheme = NormSchemes.Named("mix"), PostNormBlocks = 2 },
            "group" => Model with { NormScheme = NormSchemes.Named("group"), NormGroups = 3 },
            "exponent" => Model with { DepthExponent = 0.75 },
            "biases" => Model with { NormScheme = NormSchemes.Pre, QueryKeyValueBias = true, AttentionOutputBias = true, FeedForwardBias = true },
            "odd biases" => Model with { AttentionOutputBias = true },
            "head norms" => Model with { NormScheme = NormSchemes.Pre, QueryKeyNorm = true },
            "window" => Model with { NormScheme = NormSchemes.Pre, Window = 17 },
            "some windows" => Model with { NormScheme = NormSchemes.Pre, QueryKeyValueBias = true, Window = 17, UnwindowedBlocks = [1] },
            "window and head norms" => Model with { Window = 17, UnwindowedBlocks = [0, 2], QueryKeyNorm = true, FeedForwardBias = true },
            _ => Model,
        };
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, model);
        LlamaArchitecture read = ConfigJson.Read(folder.Path);
        Assert.Equal(model.EosTokenIds, read.EosTokenIds);
        Assert.Equal(model.UnwindowedBlocks, read.UnwindowedBlocks);
        Assert.Equal(model, read with { EosTokenIds = model.EosTokenIds, UnwindowedBlocks = model.UnwindowedBlocks });
    }

    [Theory]
    [InlineData("llama", "pre", false, false, null)]
    [InlineData("llama", "pre", true, false, null)]
    [InlineData("mistral", "pre", false, false, 24)]
    [InlineData("qwen3", "pre", false, true, null)]
    [InlineData("qwen3", "pre", true, true, 24)]
    [InlineData("factory", "pre", true, false, 24)]
    [InlineData("factory", "lns", false, true, null)]
    public void The_type_is_the_family_whose_code_computes_with_the_weights(string type, string scheme, bool biases, bool headNorms, int? window)
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, Model with { NormScheme = NormSchemes.Named(scheme), QueryKeyValueBias = biases, AttentionOutputBias = biases, QueryKeyNorm = headNorms, Window = window });
        Assert.Equal(type, (string?)JsonNode.Parse(File.ReadAllText(folder.At("config.json")))!["model_type"]);
    }

    [Theory]
    [InlineData("""{"use_sliding_window": false, "sliding_window": 32}""", "")]
    [InlineData("""{"use_sliding_window": true, "sliding_window": 32, "max_window_layers": 1}""", "1,2")]
    [InlineData("""{"use_sliding_window": true, "sliding_window": 32}""", "")]
    [InlineData("""{"use_sliding_window": true, "sliding_window": 32, "max_window_layers": 0}""", "0,1,2")]
    [InlineData("""{"use_sliding_window": true, "sliding_window": 32, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}""", "0,2")]
    public void Qwens_windows_are_in_the_blocks_that_transformers_gives_them(string keys, string expected)
    {
        LlamaArchitecture model = ReadChanged(Model with { NormScheme = NormSchemes.Pre, QueryKeyValueBias = true }, keys);
        Assert.Equal(expected, string.Join(',', model.Blocks.Where(block => block.SelfAttention.Window == 32).Select(block => block.Index)));
        Assert.All(model.Blocks, block => Assert.True(block.SelfAttention.Window is null or 32));
    }

    [Theory]
    [InlineData("""{"layer_types": ["sliding_attention", "full_attention", "full_attention"]}""", "layer_types")]
    [InlineData("""{"layer_types": ["full_attention"]}""", "layer_types")]
    [InlineData("""{"layer_types": ["chunked_attention", "full_attention", "full_attention"]}""", "chunked_attention")]
    [InlineData("""{"use_sliding_window": true, "sliding_window": 0, "max_window_layers": 0}""", "sliding_window")]
    public void Windows_that_make_no_sense_are_refused(string keys, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserError>(() => ReadChanged(Model with { NormScheme = NormSchemes.Pre, QueryKeyValueBias = true }, keys)).Message, StringComparison.Ordinal);

    [Fact]
    public void Mistral_has_a_window_of_4096_unless_its_configuration_says_another_or_none()
    {
        LlamaArchitecture mistral = Model with { NormScheme = NormSchemes.Pre, Window = 17 };
        Assert.Equal(17, ReadChanged(mistral, "{}").Window);
        Assert.Null(ReadChanged(mistral, """{"sliding_window": null}""").Window);
        Assert.Equal(4096, ReadChanged(mistral, "{}", remove: "sliding_window").Window);
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Only_weights_that_a_plain_LLaMA_computes_with_claim_to_be_one(string scheme)
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, Model with { NormScheme = NormSchemes.Named(scheme) });
        JsonNode config = JsonNode.Parse(File.ReadAllText(folder.At("config.json")))!;
        bool plain = scheme is "pre" or "scaled-init" or "depth-scaled-init" or "lns-gain-init";
        Assert.Equal(plain ? "llama" : "factory", (string?)config["model_type"]);
        Assert.Equal(plain ? "LlamaForCausalLM" : "FactoryForCausalLM", (string?)config["architectures"]![0]);
        Assert.Equal(scheme, ConfigJson.Read(folder.Path).NormScheme.Name);

        // As checkpoints were written before.
        config["model_type"] = "llama";
        File.WriteAllText(folder.At("config.json"), config.ToJsonString());
        Assert.Equal(scheme, ConfigJson.Read(folder.Path).NormScheme.Name);
    }

    [Theory]
    [InlineData("vocab_size")]
    [InlineData("hidden_size")]
    [InlineData("intermediate_size")]
    [InlineData("num_hidden_layers")]
    [InlineData("num_attention_heads")]
    [InlineData("max_position_embeddings")]
    [InlineData("rms_norm_eps")]
    [InlineData("model_type")]
    public void A_missing_key_is_named(string key) => AssertRefused(config => config.Remove(key), key);

    [Theory]
    [InlineData("num_key_value_head", "num_key_value_heads")]
    [InlineData("rope_tetha", "rope_theta")]
    [InlineData("norm_shceme", "norm_scheme")]
    public void A_misspelt_key_is_named_with_the_right_one(string misspelt, string right) => AssertRefused(config => config[misspelt] = 2, $"'{misspelt}'", $"Did you mean '{right}'?");

    [Theory]
    [InlineData("quantization_config", "{}", "'quantization_config'")]
    [InlineData("sliding_window", "-1", "sliding_window")]
    [InlineData("attention_bias", "1", "attention_bias")]
    [InlineData("mlp_bias", "\"yes\"", "mlp_bias")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act")]
    [InlineData("norm_scheme", "\"lsn\"", "norm_scheme")]
    [InlineData("norm_scheme", "1", "norm_scheme")]
    [InlineData("norm_scheme", "\"Lns\"", "norm_scheme")]
    [InlineData("vocab_size", "\"300\"", "vocab_size")]
    [InlineData("vocab_size", "300.5", "vocab_size")]
    [InlineData("vocab_size", "-1", "vocab_size")]
    [InlineData("vocab_size", "99999999999", "vocab_size")]
    [InlineData("num_attention_heads", "0", "num_attention_heads")]
    [InlineData("num_key_value_heads", "4", "num_key_value_heads")]
    [InlineData("head_dim", "7", "head_dim")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps")]
    [InlineData("rms_norm_eps", "true", "rms_norm_eps")]
    [InlineData("rope_theta", "-1", "rope_theta")]
    [InlineData("tie_word_embeddings", "\"yes\"", "tie_word_embeddings")]
    [InlineData("bos_token_id", "300", "bos_token_id")]
    [InlineData("eos_token_id", "[2, 300]", "eos_token_id")]
    [InlineData("eos_token_id", "[2, \"x\"]", "eos_token_id")]
    [InlineData("rope_scaling", "{\"rope_type\": \"longrope\", \"factor\": 2}", "rope_scaling.rope_type")]
    [InlineData("rope_scaling", "{\"rope_type\": \"yarn\"}", "rope_scaling.factor")]
    [InlineData("rope_scaling", "{\"rope_type\": \"yarn\", \"factor\": 2, \"attention_factor\": -1}", "rope_scaling.attention_factor")]
    [InlineData("rope_scaling", "{\"rope_type\": \"linear\"}", "rope_scaling.factor")]
    [InlineData("rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 0}", "rope_scaling.factor")]
    [InlineData("rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 2, \"fcator\": 3}", "'rope_scaling.fcator'")]
    [InlineData("rope_scaling", "{\"rope_type\": \"linear\", \"type\": \"llama3\", \"factor\": 2}", "rope_scaling.type")]
    [InlineData("rope_scaling", "[]", "rope_scaling")]
    [InlineData("rope_parameters", "{\"rope_type\": \"default\"}", "rope_parameters")]
    [InlineData("rope_interleaved", "true", "rope_interleaved")]
    [InlineData("partial_rotary_factor", "0.5", "partial_rotary_factor")]
    public void A_value_that_does_not_fit_is_refused_by_its_key(string key, string value, string expected) =>
        AssertRefused(config => config[key] = JsonNode.Parse(value), expected);

    [Theory]
    [InlineData("rope_interleaved", "false")]
    [InlineData("partial_rotary_factor", "1.0")]
    [InlineData("quantization_config", "null")]
    [InlineData("is_llama_config", "true")]
    [InlineData("_attn_implementation_autoset", "true")]
    [InlineData("temperature", "0.9")]
    public void Keys_of_published_models_that_change_nothing_are_let_be(string key, string value)
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, Model);
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder.At("config.json")))!.AsObject();
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(folder.At("config.json"), config.ToJsonString());
        LlamaArchitecture read = ConfigJson.Read(folder.Path);
        Assert.Equal(Model, read with { EosTokenIds = Model.EosTokenIds });
    }

    [Fact]
    public void A_head_size_that_does_not_follow_has_to_be_given() =>
        AssertRefused(
            config =>
            {
                config.Remove("head_dim");
                config["hidden_size"] = 50;
            },
            "head_dim");

    [Fact]
    public void A_duplicate_key_is_refused()
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, Model);
        string text = File.ReadAllText(folder.At("config.json"));
        File.WriteAllText(folder.At("config.json"), text.Replace("\"vocab_size\"", "\"vocab_size\": 300, \"vocab_size\"", StringComparison.Ordinal));
        Assert.Contains("vocab_size", Assert.Throws<UserError>(() => ConfigJson.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_file_that_is_no_object_is_refused(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("config.json"), content);
        Assert.StartsWith(folder.At("config.json"), Assert.Throws<UserError>(() => ConfigJson.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(folder.At("config.json"), Assert.Throws<UserError>(() => ConfigJson.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_written_keys_are_those_of_a_hugging_face_llama()
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, Model with { NormScheme = NormSchemes.Pre });
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(folder.At("config.json")));
        Assert.Equal("llama", document.RootElement.GetProperty("model_type").GetString());
        Assert.Equal("LlamaForCausalLM", document.RootElement.GetProperty("architectures")[0].GetString());
        Assert.Equal("silu", document.RootElement.GetProperty("hidden_act").GetString());
    }

    private static LlamaArchitecture ReadChanged(LlamaArchitecture model, string keys, string remove = "")
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, model);
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder.At("config.json")))!.AsObject();
        config.Remove(remove);
        foreach ((string key, JsonNode? value) in JsonNode.Parse(keys)!.AsObject())
        {
            config[key] = value?.DeepClone();
        }
        File.WriteAllText(folder.At("config.json"), config.ToJsonString());
        return ConfigJson.Read(folder.Path);
    }

    private static void AssertRefused(Action<JsonObject> change, params string[] expected)
    {
        using var folder = new TemporaryFolder();
        ConfigJson.Write(folder.Path, Model);
        JsonObject config = JsonNode.Parse(File.ReadAllText(folder.At("config.json")))!.AsObject();
        change(config);
        File.WriteAllText(folder.At("config.json"), config.ToJsonString());
        string message = Assert.Throws<UserError>(() => ConfigJson.Read(folder.Path)).Message;
        Assert.StartsWith(folder.At("config.json"), message, StringComparison.Ordinal);
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }
}
