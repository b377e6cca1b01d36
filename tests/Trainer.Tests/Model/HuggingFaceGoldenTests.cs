using System.Text.Json;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

/// <summary>Against transformers' LlamaForCausalLM: grouped heads, tied head, rotary scaling.</summary>
public sealed class HuggingFaceGoldenTests
{
    [Theory]
    [InlineData("llama_mha_untied")]
    [InlineData("llama3_rope_gqa_tied")]
    public void Logits_agree_within_1e_minus_4_in_float32(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        string folder = GoldenData.At("hf_golden", name);
        using LlamaModel model = TestModels.Load(folder, ScalarType.Float32);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
        long[][] rows = golden.RootElement.GetProperty("input_ids").Deserialize<long[][]>()!;
        long[] positions = golden.RootElement.GetProperty("positions").Deserialize<long[]>()!;
        float[][][] expected = golden.RootElement.GetProperty("logits").Deserialize<float[][][]>()!;

        using var noGradient = no_grad();
        for (int row = 0; row < rows.Length; row++)
        {
            Tensor logits = model.forward(tensor(rows[row], [1, rows[row].Length]));
            for (int i = 0; i < positions.Length; i++)
            {
                Tensor difference = logits[0, positions[i]] - tensor(expected[row][i]);
                Assert.True(difference.abs().max().item<float>() < 1e-4f, $"row {row}, position {positions[i]}");
            }
        }
    }
}
