using System.Text.Json;
using Factory.Core.Architecture;

namespace Factory.Core.Configuration;

/// <summary>The keys of config.json by which the families differ: biases, norms of query and key heads, windows.</summary>
internal static class FamilyKeys
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";

    /// <summary>What Mistral has where config.json does not say.</summary>
    private const int MistralWindow = 4096;

    /// <summary>From which block on Qwen has windows where config.json does not say.</summary>
    private const int QwenFirstWindow = 28;

    /// <summary>The model with the family's switches set.</summary>
    public static LlamaArchitecture Read(ConfigKeys keys, ModelFamily family, LlamaArchitecture model)
    {
        if (family == ModelFamily.Llama)
        {
            keys.RequireNull("sliding_window");
            return WithBiases(keys, model);
        }
        if (family == ModelFamily.Mistral)
        {
            return model with { Window = keys.Has("sliding_window") ? keys.OptionalWhole("sliding_window") : MistralWindow };
        }
        if (family == ModelFamily.Qwen2)
        {
            return WithWindows(keys, model with { QueryKeyValueBias = true }, keys.OptionalTruth("use_sliding_window") ?? false, QwenFirstWindow);
        }
        if (family == ModelFamily.Qwen3)
        {
            bool bias = keys.OptionalTruth("attention_bias") ?? false;
            return WithWindows(
                keys, model with { QueryKeyNorm = true, QueryKeyValueBias = bias, AttentionOutputBias = bias }, keys.OptionalTruth("use_sliding_window") ?? false, QwenFirstWindow);
        }
        LlamaArchitecture own = WithBiases(keys, model);
        own = own with { AttentionOutputBias = keys.OptionalTruth("attention_output_bias") ?? own.AttentionOutputBias, QueryKeyNorm = keys.OptionalTruth("query_key_norm") ?? false };
        return WithWindows(keys, own, use: true, first: 0);
    }

    public static void Write(Utf8JsonWriter json, ModelFamily family, LlamaArchitecture model)
    {
        if (family != ModelFamily.Mistral && family != ModelFamily.Qwen2)
        {
            json.WriteBoolean("attention_bias", model.QueryKeyValueBias);
        }
        if (family == ModelFamily.Llama || family == ModelFamily.Factory)
        {
            json.WriteBoolean("mlp_bias", model.FeedForwardBias);
        }
        if (family == ModelFamily.Factory && model.AttentionOutputBias != model.QueryKeyValueBias)
        {
            json.WriteBoolean("attention_output_bias", model.AttentionOutputBias);
        }
        if (family == ModelFamily.Factory && model.QueryKeyNorm)
        {
            json.WriteBoolean("query_key_norm", true);
        }
        if (family == ModelFamily.Qwen2 || family == ModelFamily.Qwen3)
        {
            json.WriteBoolean("use_sliding_window", model.Window is not null);
        }
        if (model.Window is int window)
        {
            json.WriteNumber("sliding_window", window);
            WriteLayerTypes(json, family, model);
        }
    }

    private static void WriteLayerTypes(Utf8JsonWriter json, ModelFamily family, LlamaArchitecture model)
    {
        if (family == ModelFamily.Mistral)
        {
            return;
        }
        json.WriteStartArray("layer_types");
        foreach (BlockPlan block in model.Blocks)
        {
            json.WriteStringValue(block.SelfAttention.Window is null ? Full : Sliding);
        }
        json.WriteEndArray();
    }

    private static LlamaArchitecture WithBiases(ConfigKeys keys, LlamaArchitecture model)
    {
        bool attention = keys.OptionalTruth("attention_bias") ?? false;
        return model with { QueryKeyValueBias = attention, AttentionOutputBias = attention, FeedForwardBias = keys.OptionalTruth("mlp_bias") ?? false };
    }

    /// <param name="use">Whether windows are used at all.</param>
    /// <param name="first">The first block with one, where config.json says nothing of single blocks.</param>
    private static LlamaArchitecture WithWindows(ConfigKeys keys, LlamaArchitecture model, bool use, int first)
    {
        int? window = keys.OptionalWhole("sliding_window");
        first = keys.OptionalWhole("max_window_layers") ?? first;
        IReadOnlyList<string> types = keys.OptionalStrings("layer_types");
        if (types.Count > 0 && types.Count != model.BlockCount)
        {
            throw keys.Bad("layer_types", $"one for each of the {model.BlockCount} blocks", $"{types.Count}");
        }
        if (types.FirstOrDefault(type => type is not (Full or Sliding)) is string other)
        {
            throw keys.Bad("layer_types", $"{Full} or {Sliding}", other);
        }
        if (!use || window is null)
        {
            return types.Contains(Sliding) ? throw keys.Bad("layer_types", $"{Full} throughout, since there is no window", Sliding) : model;
        }
        int[] unwindowed = [.. Enumerable.Range(0, model.BlockCount).Where(index => types.Count > 0 ? types[index] == Full : index < first)];
        return unwindowed.Length == model.BlockCount ? model : model with { Window = window, UnwindowedBlocks = unwindowed.Length == 0 ? [] : unwindowed };
    }
}
