using Factory.Core.Architecture;

namespace Factory.Core.Configuration;

/// <summary>
/// A family of Hugging Face models that differ from LLaMA in a few switches: what its config.json says about them. A model whose weights no family's
/// code would compute with as they are has a type of its own, which other software does not know and therefore refuses.
/// </summary>
/// <param name="Type">config.json's <c>model_type</c>.</param>
/// <param name="Class">config.json's <c>architectures</c>.</param>
internal sealed record ModelFamily(string Type, string Class)
{
    /// <summary>Biases on all of the attention's maps or none, and on the feed-forward network's; no windows.</summary>
    public static ModelFamily Llama { get; } = new("llama", "LlamaForCausalLM");

    /// <summary>A window in every block; no biases.</summary>
    public static ModelFamily Mistral { get; } = new("mistral", "MistralForCausalLM");

    /// <summary>Biases on queries, keys and values; windows in some blocks.</summary>
    public static ModelFamily Qwen2 { get; } = new("qwen2", "Qwen2ForCausalLM");

    /// <summary>Norms of each query and key head; windows in some blocks.</summary>
    public static ModelFamily Qwen3 { get; } = new("qwen3", "Qwen3ForCausalLM");

    /// <summary>Anything; every switch is a key.</summary>
    public static ModelFamily Factory { get; } = new("factory", "FactoryForCausalLM");

    public static IReadOnlyList<ModelFamily> All { get; } = [Llama, Mistral, Qwen2, Qwen3, Factory];

    /// <summary>The family whose published code computes with the model's weights as they are.</summary>
    public static ModelFamily FromArchitecture(LlamaArchitecture model)
    {
        bool attentionBias = model.QueryKeyValueBias && model.AttentionOutputBias;
        bool noAttentionBias = !model.QueryKeyValueBias && !model.AttentionOutputBias;
        bool allWindowed = model.Window is not null && model.UnwindowedBlocks.Count == 0;
        return model switch
        {
            { HasPlainNorms: false } => Factory,
            { QueryKeyNorm: true, FeedForwardBias: false } when attentionBias || noAttentionBias => Qwen3,
            { QueryKeyNorm: true } => Factory,
            { Window: null } when attentionBias || noAttentionBias => Llama,
            { FeedForwardBias: false } when noAttentionBias && allWindowed => Mistral,
            { FeedForwardBias: false, QueryKeyValueBias: true, AttentionOutputBias: false } => Qwen2,
            _ => Factory,
        };
    }

    /// <exception cref="UserError">The model is of no family that Factory runs.</exception>
    public static ModelFamily Read(ConfigKeys keys)
    {
        string type = keys.OptionalString("model_type") ?? throw keys.Bad("model_type", Expected, "none");
        return All.FirstOrDefault(family => family.Type == type) ?? throw keys.Bad("model_type", Expected, $"\"{type}\"{(type == BertConfig.Type ? " ('import bert' takes it)" : "")}");
    }

    private static string Expected => $"one of {string.Join(", ", All.Select(family => family.Type))}";
}
