using System.Text.Json;
using Factory.Core.Configuration;
using Factory.Core.Safetensors;
using Factory.Trainer.FineTuning;
using Factory.Trainer.Model;
using Factory.Trainer.Tests.Data;
using Factory.Trainer.Tests.Model;
using Factory.Trainer.Tests.Training;
using Factory.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.FineTuning;

public sealed class LowRankAdaptersTests
{
    private static readonly LoraRecipe Everything = new(Rank: 4, Alpha: 8, ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], RankStabilized: false);

    [Fact]
    public void A_fresh_adapter_changes_nothing_training_changes_it_alone_and_merged_it_is_the_same_model()
    {
        using DisposeScope scope = NewDisposeScope();
        using var noLeftOvers = new TemporaryFolder();
        using LlamaModel model = Fresh();
        Tensor ids = arange(20, ScalarType.Int64).view(2, 10);
        Tensor before = Logits(model, ids);
        Dictionary<string, Tensor> weights = model.Weights.ToDictionary(named => named.Key, named => named.Value.detach().clone());
        using var adapters = new LowRankAdapters(model, Everything, seed: 3);
        Assert.Equal(2 * 7 * model.Architecture.BlockCount, adapters.All.Count);
        Assert.Equal(0, (Logits(model, ids) - before).abs().max().item<double>());

        using var optimizer = new AdamW(adapters, new() { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0, Clip = 0 });
        TrainingStep step = TestSteps.Step(model, optimizer);
        double[] losses = [.. Enumerable.Range(0, 8).Select(number => step.Run(number, BatchRows.Next([1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 4])).Loss)];
        Assert.True(losses[^1] < losses[0] - 0.01, $"{losses[0]} → {losses[^1]}");
        Assert.All(weights, named => Assert.True(named.Value.Equals(model.Weights[named.Key]), named.Key));

        Tensor tuned = Logits(model, ids);
        using (adapters.Merge())
        {
            Assert.InRange((Logits(model, ids) - tuned).abs().max().item<double>(), 0, 1e-12);
            Assert.False(model.Weights["model.layers.0.self_attn.q_proj.weight"].Equals(weights["model.layers.0.self_attn.q_proj.weight"]));
        }
        Assert.All(weights, named => Assert.True(named.Value.Equals(model.Weights[named.Key]), named.Key));

        adapters.Write(noLeftOvers.Path, "base");
        using LlamaModel other = Fresh();
        using var read = new LowRankAdapters(other, Everything, seed: 99);
        read.Read(noLeftOvers.Path);
        Assert.InRange((Logits(other, ids) - tuned).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void An_adapter_of_peft_gives_the_logits_of_peft()
    {
        string folder = GoldenData.At("hf_golden", "lora_qv");
        string basis = GoldenData.At("hf_golden", "llama_mha_untied");
        using DisposeScope scope = NewDisposeScope();
        using var model = new LlamaModel(ConfigJson.Read(basis), ModelPlacement.Cpu(ScalarType.Float64));
        using (SafetensorsReader weights = SafetensorsReader.Open(Path.Combine(basis, "model.safetensors")))
        {
            WeightFile.Load(model, weights);
        }
        using var adapters = new LowRankAdapters(model, new LoraRecipe(4, 8, ["q_proj", "v_proj"], false), seed: 1);
        adapters.Read(folder);
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "golden.json")));
        long[][] ids = golden.RootElement.GetProperty("input_ids").Deserialize<long[][]>()!;
        int[] positions = golden.RootElement.GetProperty("positions").Deserialize<int[]>()!;
        double[][][] expected = golden.RootElement.GetProperty("logits").Deserialize<double[][][]>()!;
        Tensor logits = Logits(model, tensor(ids.SelectMany(row => row).ToArray(), [ids.Length, ids[0].Length]));
        for (int row = 0; row < ids.Length; row++)
        {
            for (int place = 0; place < positions.Length; place++)
            {
                double[] found = [.. logits[row, positions[place]].data<double>()];
                Assert.InRange(found.Zip(expected[row][place]).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-4);
            }
        }
    }

    [Fact]
    public void Rank_stabilized_adapters_are_scaled_by_the_root_of_the_rank() =>
        Assert.Equal((2.0, 4.0), (Everything.Scale, (Everything with { RankStabilized = true }).Scale));

    private static LlamaModel Fresh()
    {
        var model = new LlamaModel(TestModels.Tiny(), ModelPlacement.Cpu(ScalarType.Float64));
        WeightInitializer.Initialize(model, seed: 6, embeddingDeviation: 0.5);
        return model;
    }

    private static Tensor Logits(LlamaModel model, Tensor ids)
    {
        using var noGradient = no_grad();
        return model.forward(ids);
    }
}
