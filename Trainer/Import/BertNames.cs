using Factory.Core.Architecture;

namespace Factory.Trainer.Import;

/// <summary>Names of a BERT's tensors in Hugging Face's files, by ours.</summary>
internal static class BertNames
{
    public const string TiedHead = "cls.predictions.decoder.weight";
    public const string TiedHeadBias = "cls.predictions.decoder.bias";

    private static readonly Dictionary<string, string> Outside = new()
    {
        [BertParameters.Embedding] = "bert.embeddings.word_embeddings.weight",
        [BertParameters.Positions] = "bert.embeddings.position_embeddings.weight",
        [BertParameters.TokenTypes] = "bert.embeddings.token_type_embeddings.weight",
        ["model.embed_norm"] = "bert.embeddings.LayerNorm",
        [BertParameters.Transform] = "cls.predictions.transform.dense",
        ["transform.norm"] = "cls.predictions.transform.LayerNorm",
        [BertParameters.Head] = TiedHead,
        [BertParameters.HeadBias] = "cls.predictions.bias",
    };

    private static readonly Dictionary<string, string> Inside = new()
    {
        ["self_attn.q_proj"] = "attention.self.query",
        ["self_attn.k_proj"] = "attention.self.key",
        ["self_attn.v_proj"] = "attention.self.value",
        ["self_attn.o_proj"] = "attention.output.dense",
        ["attention_norm"] = "attention.output.LayerNorm",
        ["mlp.up_proj"] = "intermediate.dense",
        ["mlp.down_proj"] = "output.dense",
        ["mlp_norm"] = "output.LayerNorm",
    };

    /// <summary>The name that transformers writes today.</summary>
    public static string Stored(ParameterSpec parameter)
    {
        if (Outside.TryGetValue(parameter.Name, out string? whole))
        {
            return whole;
        }
        int dot = parameter.Name.LastIndexOf('.');
        (string stem, string ending) = (parameter.Name[..dot], parameter.Name[dot..]);
        if (parameter.Block is int block)
        {
            return $"bert.encoder.layer.{block}.{Inside[stem[(BlockPlan.PrefixOf(block).Length + 1)..]]}{ending}";
        }
        return Outside.GetValueOrDefault(stem, stem) + ending;
    }

    /// <summary>The first BERTs' files call a norm's gain gamma and its bias beta.</summary>
    public static string Today(string stored) =>
        stored.EndsWith(".LayerNorm.gamma", StringComparison.Ordinal) ? $"{stored[..^"gamma".Length]}weight"
        : stored.EndsWith(".LayerNorm.beta", StringComparison.Ordinal) ? $"{stored[..^"beta".Length]}bias"
        : stored;

    /// <summary>Parts that neither head reads: the pooler, the next-sentence head, and a table of 0, 1, 2, ….</summary>
    public static bool IsUnread(string stored) => stored.StartsWith("bert.pooler.", StringComparison.Ordinal) || stored.StartsWith("cls.seq_relationship.", StringComparison.Ordinal)
        || stored == "bert.embeddings.position_ids";
}
