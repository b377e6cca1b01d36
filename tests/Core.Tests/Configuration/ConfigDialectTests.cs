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

    [Theory]
    [InlineData("mistral_gqa", "model_type", "mistral")]
    [InlineData("mistral_sliding", "model_type", "mistral")]
    [InlineData("qwen2_bias_tied", "model_type", "qwen2")]
    [InlineData("qwen3_qknorm", "model_type", "qwen3")]
    public void Other_families_are_refused_by_name(string folder, string key, string found) => AssertRefused(GoldenData.At("hf_golden", folder), key, found);

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
