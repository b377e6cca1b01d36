using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Safetensors;
using Factory.Trainer.Import;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Import;

public sealed class AdaptedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Base => GoldenData.At("hf_golden", "llama_mha_untied");

    private static string Adapter => GoldenData.At("hf_golden", "lora_qv");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Base_and_adapter_give_the_logits_of_peft()
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        using AdaptedWeights source = AdaptedWeights.Open(HuggingFaceFolder.Open(Base), Adapter);
        using LlamaModel model = Imported.Model(_folder, source);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Adapter, "golden.json")));
        long[][] rows = golden.RootElement.GetProperty("input_ids").Deserialize<long[][]>()!;
        long[] positions = golden.RootElement.GetProperty("positions").Deserialize<long[]>()!;
        float[][][] expected = golden.RootElement.GetProperty("logits").Deserialize<float[][][]>()!;
        for (int row = 0; row < rows.Length; row++)
        {
            Tensor logits = model.forward(tensor(rows[row], [1, rows[row].Length]))[0];
            for (int i = 0; i < positions.Length; i++)
            {
                Assert.InRange((logits[positions[i]] - tensor(expected[row][i])).abs().max().item<float>(), 0, 1e-4f);
            }
        }
    }

    [Theory]
    [InlineData("use_rslora", "true", 2)]
    [InlineData("lora_alpha", "16", 2)]
    [InlineData("alpha_pattern", """{"layers.0.self_attn.q_proj": 24}""", 3)]
    [InlineData("alpha_pattern", """{"k_proj": 24}""", 1)]
    public void Rank_and_alpha_scale_the_product(string key, string value, double factor)
    {
        float[] plain = Change(config => { });
        float[] changed = Change(config => config[key] = JsonNode.Parse(value));
        Assert.All(plain.Zip(changed), pair => Assert.InRange(Math.Abs((pair.First * factor) - pair.Second), 0, 1e-6));
        Assert.Contains(plain, value => value != 0);
    }

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("bias", "\"all\"")]
    [InlineData("peft_type", "\"IA3\"")]
    [InlineData("fan_in_fan_out", "true")]
    [InlineData("layer_replication", "[[0, 2]]")]
    [InlineData("something_new", "1")]
    [InlineData("r", "3")]
    [InlineData("r", "\"8\"")]
    [InlineData("rank_pattern", """{"layers.1.self_attn.v_proj": 3}""")]
    [InlineData("rank_pattern", """{"(": 3}""")]
    public void Another_kind_of_adapter_is_refused_by_name(string key, string value) =>
        Assert.Contains(key, Assert.ThrowsAny<UserError>(() => Change(config => config[key] = JsonNode.Parse(value))).Message, StringComparison.Ordinal);

    [Fact]
    public void An_adapter_of_another_model_is_refused_by_its_tensor()
    {
        UserError error = Assert.ThrowsAny<UserError>(() => AdaptedWeights.Open(HuggingFaceFolder.Open(GoldenData.At("hf_golden", "mistral_gqa")), Adapter));
        Assert.Contains("lora_B.weight", error.Message, StringComparison.Ordinal);
        Assert.Contains("no directory", Assert.ThrowsAny<UserError>(() => AdaptedWeights.Open(HuggingFaceFolder.Open(Base), _folder.At("nowhere"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_without_tensors_or_with_one_of_no_shape_is_refused()
    {
        File.Copy(Path.Combine(Adapter, LoraConfig.FileName), _folder.At(LoraConfig.FileName));
        using (var none = new SafetensorsWriter(_folder.At("adapter_model.safetensors")))
        {
            none.Finish();
        }
        Assert.Contains("expected an adapter's tensors, found none", Assert.ThrowsAny<UserError>(() => AdaptedWeights.Open(HuggingFaceFolder.Open(Base), _folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(_folder.At("adapter_model.safetensors"));
        using (var flat = new SafetensorsWriter(_folder.At("adapter_model.safetensors")))
        {
            string[] pair = [.. new[] { "A", "B" }.Select(matrix => $"base_model.model.model.layers.0.self_attn.q_proj.lora_{matrix}.weight")];
            Array.ForEach(pair, name => flat.Declare(name, ElementType.Float32, []));
            Array.ForEach(pair, name => flat.Write<float>(name, [1f]));
            flat.Finish();
        }
        Assert.Contains("lora_A.weight", Assert.ThrowsAny<UserError>(() => AdaptedWeights.Open(HuggingFaceFolder.Open(Base), _folder.Path)).Message, StringComparison.Ordinal);
    }

    /// <summary>What the adapter adds to the first block's query weight.</summary>
    private float[] Change(Action<JsonObject> edit)
    {
        string copy = Directory.CreateDirectory(_folder.At(Guid.NewGuid().ToString())).FullName;
        JsonObject config = JsonNode.Parse(File.ReadAllText(Path.Combine(Adapter, LoraConfig.FileName)))!.AsObject();
        edit(config);
        File.WriteAllText(Path.Combine(copy, LoraConfig.FileName), config.ToJsonString());
        File.Copy(Path.Combine(Adapter, "adapter_model.safetensors"), Path.Combine(copy, "adapter_model.safetensors"));
        using AdaptedWeights source = AdaptedWeights.Open(HuggingFaceFolder.Open(Base), copy);
        ParameterSpec query = source.Architecture.Parameters.First(parameter => parameter.Role == ParameterRole.Query);
        var values = new float[query.Count];
        source.Read(query, 0, values);
        using SafetensorsReader weights = SafetensorsReader.Open(Path.Combine(Base, "model.safetensors"));
        return [.. values.Zip(weights.ReadSingles(query.Name), (changed, plain) => changed - plain)];
    }
}
