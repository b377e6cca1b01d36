using System.Text.Json.Nodes;
using Factory.Core.Architecture;
using Factory.Core.Configuration;

namespace Factory.Core.Tests.Configuration;

/// <summary>Keys of other software: harmless ones pass, those that would change the output are refused by name.</summary>
public class ForeignKeysTests
{
    [Fact]
    public void A_whole_configuration_with_default_values_is_read() => Assert.Equal(3, Changed("""
        {"chunk_size_feed_forward": 0, "is_encoder_decoder": false, "problem_type": null, "output_attentions": false, "return_dict": true, "add_cross_attention": false,
         "bad_words_ids": null, "suppress_tokens": null, "forced_eos_token_id": null, "no_repeat_ngram_size": 0, "pruned_heads": {}, "num_beams": 1, "length_penalty": 1.0,
         "tie_encoder_decoder": false, "torchscript": false, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}, "task_specific_params": null, "typical_p": 1.0}
        """).BlockCount);

    [Theory]
    [InlineData("""{"suppress_tokens": [1]}""", "suppress_tokens")]
    [InlineData("""{"no_repeat_ngram_size": 2}""", "no_repeat_ngram_size")]
    [InlineData("""{"is_encoder_decoder": true}""", "is_encoder_decoder")]
    [InlineData("""{"pruned_heads": {"0": [1]}}""", "pruned_heads")]
    [InlineData("""{"rope_interleaved": true}""", "rope_interleaved")]
    [InlineData("""{"quantization_config": {}}""", "quantization_config")]
    [InlineData("""{"logits_scaling": 2.0}""", "logits_scaling")]
    public void What_would_change_the_output_is_refused_by_name(string changes, string key) =>
        Assert.Contains(key, Assert.Throws<UserError>(() => Changed(changes)).Message, StringComparison.Ordinal);

    private static LlamaArchitecture Changed(string changes)
    {
        using var folder = new TemporaryFolder();
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenData.At("hf_golden", "llama_mha_untied"), "config.json")))!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(changes)!.AsObject())
        {
            config[key] = value?.DeepClone();
        }
        File.WriteAllText(folder.At("config.json"), config.ToJsonString());
        return ConfigJson.Read(folder.Path);
    }
}
