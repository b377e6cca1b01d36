using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Safetensors;
using Factory.Trainer.Import;

namespace Factory.Trainer.Tests.Import;

public sealed class HuggingFaceFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Weights => Path.Combine(_folder.At("model"), CheckpointFolder.WeightsFile);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(nameof(ElementType.Float32))]
    [InlineData(nameof(ElementType.BFloat16))]
    [InlineData(nameof(ElementType.Float16))]
    public void Every_floating_type_arrives_as_the_same_float32_numbers(string type)
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog(), Enum.Parse<ElementType>(type));
        string checkpoint;
        using (HuggingFaceFolder source = HuggingFaceFolder.Open(model))
        {
            checkpoint = Imported.Checkpoint(_folder, source);
        }
        using SafetensorsReader written = SafetensorsReader.Open(Path.Combine(checkpoint, CheckpointFolder.WeightsFile));
        Assert.All(HandMadeFolder.Catalog(), parameter =>
        {
            Assert.Equal(ElementType.Float32, written.Entry(parameter.Name).Type);
            Assert.Equal(HandMadeFolder.Values(parameter), written.ReadSingles(parameter.Name));
        });
    }

    [Fact]
    public void Missing_and_unexpected_tensors_are_listed_by_name()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog().Where(parameter => parameter.Role != ParameterRole.Up), more: ("model.layers.0.self_attn.q_proj.bias", [1], [1]));
        string message = Refused(model);
        Assert.Contains("missing: model.layers.0.mlp.up_proj.weight, model.layers.1.mlp.up_proj.weight", message, StringComparison.Ordinal);
        Assert.Contains("unexpected: model.layers.0.self_attn.q_proj.bias.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_of_another_shape_is_refused_by_name()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog().Where(parameter => parameter.Name != ParameterCatalog.FinalNorm), more: (ParameterCatalog.FinalNorm, [2, 12], new float[24]));
        Assert.Contains($"'{ParameterCatalog.FinalNorm}' of shape [24] as config.json says, found [2, 12]", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_are_not_weights()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog(), ElementType.Int32);
        Assert.Contains("Quantized weights are not read", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Stored_rotary_frequencies_are_left_out()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog(), more: ("model.layers.0.self_attn.rotary_emb.inv_freq", [2], [1, 2]));
        using HuggingFaceFolder source = HuggingFaceFolder.Open(model);
        Assert.Equal(HandMadeFolder.Catalog().Count, source.Architecture.Parameters.Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_tied_model_may_hold_its_embedding_twice_only_when_the_copies_are_equal(float difference, bool accepted)
    {
        string model = HandMadeFolder.Create(_folder, tied: true);
        ParameterSpec embedding = HandMadeFolder.Catalog().Single(parameter => parameter.Role == ParameterRole.Embedding);
        float[] copy = HandMadeFolder.Values(embedding);
        copy[^1] += difference;
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog(tied: true), more: (ParameterCatalog.Head, [.. embedding.Shape], copy));
        if (accepted)
        {
            HuggingFaceFolder.Open(model).Dispose();
        }
        else
        {
            Assert.Contains($"unexpected: {ParameterCatalog.Head}", Refused(model), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_without_weights_or_without_config_says_what_is_expected()
    {
        string model = HandMadeFolder.Create(_folder);
        Assert.Contains("model.safetensors.index.json, found neither", Refused(model), StringComparison.Ordinal);
        File.Delete(Path.Combine(model, "config.json"));
        Assert.Contains("config.json: expected a model's configuration", Refused(model), StringComparison.Ordinal);
        Assert.Contains("found no directory", Refused(_folder.At("nowhere")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_weight_file_is_refused_and_nothing_is_written()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        using (FileStream file = File.OpenWrite(Weights))
        {
            file.SetLength(file.Length - 1);
        }
        Assert.Contains("truncated", Refused(model), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("runs")));
    }

    [Fact]
    public void A_model_of_another_family_is_refused_by_name()
    {
        string message = Refused(GoldenData.At("hf_golden", "bert_mlm"));
        Assert.Contains("model_type: expected one of llama, mistral, qwen2, qwen3, factory, found \"bert\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("olmo2")]
    [InlineData("gemma")]
    [InlineData("gemma2")]
    [InlineData("mixtral")]
    [InlineData("qwen2_moe")]
    [InlineData("qwen3_moe")]
    [InlineData("gpt2")]
    [InlineData("phi")]
    [InlineData("phi3")]
    public void Other_decoders_are_refused_by_their_model_type(string family)
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        EditConfig(model, "model_type", family);
        Assert.Contains($"model_type: expected one of llama, mistral, qwen2, qwen3, factory, found \"{family}\"", Refused(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_local_experts")]
    [InlineData("num_experts")]
    public void Experts_are_refused_by_the_key_s_name(string key)
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        EditConfig(model, key, 8);
        Assert.Contains($"'{key}'", Refused(model), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dtype")]
    [InlineData("torch_dtype")]
    public void A_cache_s_snapshot_of_links_is_read_like_the_files_themselves(string typeKey)
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        EditConfig(model, typeKey, "bfloat16");
        string blobs = Directory.CreateDirectory(_folder.At("hub", "blobs")).FullName;
        string snapshot = Directory.CreateDirectory(_folder.At("hub", "snapshots", "main")).FullName;
        foreach (string file in Directory.GetFiles(model))
        {
            string blob = "blob-" + Path.GetFileNameWithoutExtension(file);
            File.Move(file, Path.Combine(blobs, blob));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), Path.Combine("..", "..", "blobs", blob));
        }
        using HuggingFaceFolder source = HuggingFaceFolder.Open(snapshot);
        using SafetensorsReader written = SafetensorsReader.Open(Path.Combine(Imported.Checkpoint(_folder, source), CheckpointFolder.WeightsFile));
        Assert.All(HandMadeFolder.Catalog(), parameter => Assert.Equal(HandMadeFolder.Values(parameter), written.ReadSingles(parameter.Name)));
    }

    [Fact]
    public void Of_a_tied_model_the_head_alone_may_be_stored()
    {
        string model = HandMadeFolder.Create(_folder, tied: true);
        ParameterSpec embedding = HandMadeFolder.Catalog().Single(parameter => parameter.Role == ParameterRole.Embedding);
        HandMadeFolder.WriteWeights(
            Weights, HandMadeFolder.Catalog(tied: true).Where(parameter => parameter.Role != ParameterRole.Embedding), more: (ParameterCatalog.Head, [.. embedding.Shape], HandMadeFolder.Values(embedding)));
        using HuggingFaceFolder source = HuggingFaceFolder.Open(model);
        var read = new float[embedding.Count];
        source.Read(embedding, 0, read);
        Assert.Equal(HandMadeFolder.Values(embedding), read);
    }

    [Fact]
    public void An_index_beside_the_one_file_that_holds_all_does_no_harm_and_shards_beside_it_do()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        string map = string.Join(", ", HandMadeFolder.Catalog().Select(parameter => $"\"{parameter.Name}\": \"model.safetensors\""));
        File.WriteAllText(Path.Combine(model, ShardIndex.FileName), $$$"""{"metadata": {}, "weight_map": { {{{map}}} }}""");
        HuggingFaceFolder.Open(model).Dispose();
        File.WriteAllText(Path.Combine(model, ShardIndex.FileName), """{"weight_map": {"model.norm.weight": "model-00001-of-00001.safetensors"}}""");
        HuggingFaceFolder.Open(model).Dispose();
        File.Copy(Weights, Path.Combine(model, "model-00001-of-00001.safetensors"));
        Assert.Contains("found both", Refused(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Generation_ends_where_generation_config_says()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        File.WriteAllText(Path.Combine(model, GenerationConfig.FileName), """{"eos_token_id": [5, 7], "bos_token_id": 3, "temperature": 0.7, "do_sample": true}""");
        using (HuggingFaceFolder source = HuggingFaceFolder.Open(model))
        {
            Assert.Equal([5, 7], source.Architecture.EosTokenIds);
            Assert.Equal(3, source.Architecture.BosTokenId);
        }
        Assert.Equal("temperature 0.7", GenerationConfig.DescribeSampling(model));
    }

    [Theory]
    [InlineData("""{"suppress_tokens": [3]}""", "suppress_tokens")]
    [InlineData("""{"no_repeat_ngram_size": 3}""", "no_repeat_ngram_size")]
    [InlineData("""{"eos_token_id": "2"}""", "eos_token_id")]
    [InlineData("""{"eos_token_id": 999999}""", "eos_token_id")]
    [InlineData("[]", "a JSON object")]
    public void A_generation_config_that_cannot_be_honoured_is_refused_by_name(string content, string expected)
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        File.WriteAllText(Path.Combine(model, GenerationConfig.FileName), content);
        string message = Refused(model);
        Assert.Contains(GenerationConfig.FileName, message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trained_run_is_not_overwritten()
    {
        string model = HandMadeFolder.Create(_folder);
        HandMadeFolder.WriteWeights(Weights, HandMadeFolder.Catalog());
        Directory.CreateDirectory(CheckpointFolder.OfStep(_folder.At("runs", "imported"), 7));
        using HuggingFaceFolder source = HuggingFaceFolder.Open(model);
        Assert.Contains("found a trained checkpoint", Assert.ThrowsAny<UserError>(() => Imported.Checkpoint(_folder, source)).Message, StringComparison.Ordinal);
    }

    private static void EditConfig(string model, string key, JsonNode value)
    {
        string path = Path.Combine(model, "config.json");
        JsonNode config = JsonNode.Parse(File.ReadAllText(path))!;
        config[key] = value;
        File.WriteAllText(path, config.ToJsonString());
    }

    private static string Refused(string folder) => Assert.ThrowsAny<UserError>(() => HuggingFaceFolder.Open(folder).Dispose()).Message;
}
