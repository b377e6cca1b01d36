using System.Globalization;
using Factory.Core.Architecture;

namespace Factory.Exporter.Gguf;

/// <summary>A plain LLaMA in llama.cpp's names and layout: queries and keys are reordered, since it rotates neighbouring channels and we rotate halves.</summary>
internal static class GgufModel
{
    private static readonly (string Ours, string Theirs)[] Names =
    [
        ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
        ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
    ];

    public static string NameOf(ParameterSpec parameter) => parameter.Name switch
    {
        ParameterCatalog.Embedding => "token_embd.weight",
        ParameterCatalog.FinalNorm => "output_norm.weight",
        ParameterCatalog.Head => "output.weight",
        _ => InBlock(parameter),
    };

    public static void WriteMetadata(GgufWriter writer, LlamaArchitecture model, string name)
    {
        writer.Metadata("general.architecture", "llama");
        writer.Metadata("general.name", name);
        writer.Metadata("llama.context_length", (uint)model.MaxPositions);
        writer.Metadata("llama.embedding_length", (uint)model.HiddenSize);
        writer.Metadata("llama.block_count", (uint)model.BlockCount);
        writer.Metadata("llama.feed_forward_length", (uint)model.IntermediateSize);
        writer.Metadata("llama.attention.head_count", (uint)model.Heads);
        writer.Metadata("llama.attention.head_count_kv", (uint)model.KeyValueHeads);
        writer.Metadata("llama.attention.key_length", (uint)model.HeadSize);
        writer.Metadata("llama.attention.value_length", (uint)model.HeadSize);
        writer.Metadata("llama.attention.layer_norm_rms_epsilon", (float)model.RmsNormEpsilon);
        writer.Metadata("llama.rope.freq_base", (float)model.RopeTheta);
        writer.Metadata("llama.rope.dimension_count", (uint)model.HeadSize);
        writer.Metadata("llama.vocab_size", (uint)model.VocabularySize);
        if (model.RopeScaling is RopeScaling.Linear linear)
        {
            writer.Metadata("llama.rope.scaling.type", "linear");
            writer.Metadata("llama.rope.scaling.factor", (float)linear.Factor);
        }
    }

    /// <summary>By how much each pair of channels turns slower than without scaling, shape (headSize / 2); null where nothing but a constant scales.</summary>
    public static float[]? RotaryFactors(LlamaArchitecture model)
    {
        if (model.RopeScaling is null or RopeScaling.Linear)
        {
            return null;
        }
        double[] scaled = Frequencies(model);
        return [.. Frequencies(model with { RopeScaling = null }).Select((frequency, i) => (float)(frequency / scaled[i]))];
    }

    /// <summary>Into llama.cpp's order of rows, or back.</summary>
    /// <param name="values">A weight of shape (heads * headSize, …) or its bias.</param>
    public static float[] Reorder(ParameterSpec parameter, float[] values, LlamaArchitecture model, bool back = false)
    {
        bool turns = parameter.Name.Contains(".q_proj.", StringComparison.Ordinal) || parameter.Name.Contains(".k_proj.", StringComparison.Ordinal);
        if (!turns)
        {
            return values;
        }
        int half = model.HeadSize / 2;
        int rows = (int)parameter.Shape[0];
        int width = values.Length / rows;
        var result = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            // Channel i of the first half stands at 2i, channel i of the second at 2i + 1.
            (int head, int channel) = (row / model.HeadSize, row % model.HeadSize);
            int other = (head * model.HeadSize) + (2 * (channel % half)) + (channel / half);
            (int from, int to) = back ? (other, row) : (row, other);
            values.AsSpan(from * width, width).CopyTo(result.AsSpan(to * width));
        }
        return result;
    }

    private static string InBlock(ParameterSpec parameter)
    {
        string prefix = BlockPlan.PrefixOf(parameter.Block!.Value) + ".";
        (string ours, string theirs) = Names.First(pair => parameter.Name.StartsWith($"{prefix}{pair.Ours}.", StringComparison.Ordinal));
        return string.Create(CultureInfo.InvariantCulture, $"blk.{parameter.Block}.{theirs}{parameter.Name[(prefix.Length + ours.Length)..]}");
    }

    /// <summary>Radians a position, shape (headSize / 2): the angles of position 1.</summary>
    private static double[] Frequencies(LlamaArchitecture model)
    {
        (double[] cosine, double[] sine) = RotaryTable.Angles(model, 2);
        return [.. Enumerable.Range(model.HeadSize / 2, model.HeadSize / 2).Select(i => Math.Atan2(sine[i], cosine[i]))];
    }
}
