using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Core.Configuration;

namespace Factory.Core.Tests.Configuration;

/// <summary>config.json as published models have it.</summary>
public class ConfigDialectTests
{
    private static readonly RopeScaling Llama3 = new RopeScaling.Llama3(8, 1, 4, 64);

    [Fact]
    public void Rope_parameters_of_transformers_5_are_read()
    {
        LlamaArchitecture model = ConfigJson.Read(GoldenData.At("hf_golden", "llama_mha_untied"));
        Assert.Equal((320, 48, 112, 3, 6, 6, 8, 256), Sizes(model));
        Assert.Equal((1e-6, 10_000, null, false), (model.RmsNormEpsilon, model.RopeTheta, model.RopeScaling, model.TieEmbeddings));
        Assert.Equal((NormSchemes.Pre, 1), (model.NormScheme, model.BosTokenId));
        Assert.Equal([2], model.EosTokenIds);
    }

    [Fact]
    public void Rope_scaling_with_rope_type_of_transformers_4_4x_is_read()
    {
        LlamaArchitecture model = ConfigJson.Read(GoldenData.At("hf_golden", "llama3_rope_gqa_tied"));
        Assert.Equal((320, 48, 112, 3, 6, 2, 8, 256), Sizes(model));
        Assert.Equal((1e-5, 500_000, Llama3, true), (model.RmsNormEpsilon, model.RopeTheta, model.RopeScaling, model.TieEmbeddings));
    }

    [Fact]
    public void Rope_scaling_with_type_and_no_head_dim_of_transformers_4_31_is_read()
    {
        LlamaArchitecture model = ConfigJson.Read(GoldenData.At("hf_golden", "llama_linear_rope"));
        Assert.Equal((320, 48, 112, 3, 6, 2, 8, 256), Sizes(model));
        Assert.Equal(new RopeScaling.Linear(4), model.RopeScaling);
    }

    [Theory]
    [MemberData(nameof(MethodFolders.All), MemberType = typeof(MethodFolders))]
    public void The_norm_scheme_of_unfolded_weights_is_read(string folder) =>
        Assert.Equal(folder, ConfigJson.Read(GoldenData.At("method_golden", folder)).NormScheme.Name);

    [Fact]
    public void Families_differ_by_biases_head_norms_and_windows()
    {
        Assert.Equal((false, false, false, false, 24), Switches("mistral_sliding"));
        Assert.Equal((false, false, false, false, null), Switches("mistral_gqa"));
        Assert.Equal((true, false, false, false, null), Switches("qwen2_bias_tied"));
        Assert.Equal((false, false, false, true, null), Switches("qwen3_qknorm"));
        Assert.Equal((true, true, true, false, null), Switches("llama_attention_mlp_bias"));

        static (bool, bool, bool, bool, int?) Switches(string folder)
        {
            LlamaArchitecture model = ConfigJson.Read(GoldenData.At("hf_golden", folder));
            return (model.QueryKeyValueBias, model.AttentionOutputBias, model.FeedForwardBias, model.QueryKeyNorm, model.Window);
        }
    }

    [Fact]
    public void Yarn_is_read_with_the_defaults_of_transformers() =>
        Assert.Equal(new RopeScaling.Yarn(4, 64, (0.1 * Math.Log(4)) + 1), ConfigJson.Read(GoldenData.At("hf_golden", "llama_yarn")).RopeScaling);

    [Fact]
    public void Rotary_scalings_that_depend_on_the_length_are_refused_by_name() => AssertRefused(GoldenData.At("hf_golden", "llama_dynamic_ntk"), "rope_type", "'dynamic'");

    [Theory]
    [InlineData("bert_mlm", "bert")]
    public void Another_family_is_refused_by_name(string folder, string type) => AssertRefused(GoldenData.At("hf_golden", folder), "model_type", type);

    private static void AssertRefused(string folder, string key, string found)
    {
        string message = Assert.Throws<UserError>(() => ConfigJson.Read(folder)).Message;
        Assert.StartsWith(Path.Combine(folder, "config.json"), message, StringComparison.Ordinal);
        Assert.Contains(key, message, StringComparison.Ordinal);
        Assert.Contains(found, message, StringComparison.Ordinal);
    }

    private static (int, int, int, int, int, int, int, int) Sizes(LlamaArchitecture model) =>
        (model.VocabularySize, model.HiddenSize, model.IntermediateSize, model.BlockCount, model.Heads, model.KeyValueHeads, model.HeadSize, model.MaxPositions);
}
