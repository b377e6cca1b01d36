namespace Factory.Tests;

/// <summary>The decoders of which transformers' values lie in the reference data.</summary>
public static class HfFolders
{
    public static TheoryData<string> Decoders =>
    [
        "llama_mha_untied", "llama3_rope_gqa_tied", "llama_linear_rope", "llama_yarn", "llama_attention_mlp_bias",
        "mistral_gqa", "mistral_sliding", "qwen2_bias_tied", "qwen3_qknorm",
    ];

    /// <summary>More of them, laid out as those of <see cref="MethodFolders"/>.</summary>
    public static TheoryData<string> OddShapes =>
    [
        "llama_bias", "llama_mlpbias_tied", "yarn_a", "yarn_b", "yarn_c", "mistral_w5", "qwen2_some", "qwen2_types", "qwen3_bias", "qwen3_win",
    ];
}
