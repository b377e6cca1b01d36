using System.Text.Json;

namespace Factory.Core.Configuration;

/// <summary>Keys of config.json that Factory has no use for: those that change nothing, and those that change nothing as long as they have their default.</summary>
internal static class ForeignKeys
{
    /// <summary>They describe a file's origin, or how other software trains, runs or samples it.</summary>
    public static IReadOnlySet<string> Ignored { get; } = new HashSet<string>
    {
        "architectures", "transformers_version", "use_cache", "pretraining_tp", "attention_dropout", "pad_token_id", "unk_token_id", "torch_dtype", "dtype",
        "_name_or_path", "max_sequence_length", "tokenizer_class", "is_llama_config", "transformers.js_config", "unsloth_version", "unsloth_fixed",
        "attn_implementation", "_attn_implementation", "_attn_implementation_autoset", "return_dict", "output_attentions", "output_hidden_states",
        "max_length", "min_length", "do_sample", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "diversity_penalty", "num_beams",
        "num_beam_groups", "num_return_sequences", "early_stopping", "output_scores", "return_dict_in_generate", "resid_pdrop", "embd_pdrop", "hidden_dropout",
        "id2label", "label2id", "num_labels", "problem_type", "finetuning_task", "task_specific_params", "torchscript", "use_bfloat16", "tf_legacy_loss", "prefix",
        "is_decoder", "remove_invalid_values", "_commit_hash", "max_window_layers", "chunk_size_feed_forward",
    };

    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["is_encoder_decoder"] = "false",
        ["add_cross_attention"] = "false",
        ["cross_attention_hidden_size"] = "null",
        ["tie_encoder_decoder"] = "false",
        ["pruned_heads"] = "{}",
        ["bad_words_ids"] = "null",
        ["suppress_tokens"] = "null",
        ["begin_suppress_tokens"] = "null",
        ["forced_bos_token_id"] = "null",
        ["forced_eos_token_id"] = "null",
        ["decoder_start_token_id"] = "null",
        ["sep_token_id"] = "null",
        ["no_repeat_ngram_size"] = "0",
        ["encoder_no_repeat_ngram_size"] = "0",
        ["exponential_decay_length_penalty"] = "null",
        ["rope_interleaved"] = "false",
    };

    /// <exception cref="UserError">A key that would change the model or its output has another value than the one that changes nothing.</exception>
    public static void RequireDefaults(ConfigKeys keys)
    {
        foreach ((string key, string value) in Defaults)
        {
            using JsonDocument expected = JsonDocument.Parse(value);
            keys.RequireValue(key, expected.RootElement);
        }
    }
}
