using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

public sealed class LlamaModelTests
{
    public static TheoryData<string> Schemes => [.. NormSchemes.Names];

    [Theory]
    [InlineData(4, false)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void State_dict_names_and_shapes_are_the_catalog(int keyValueHeads, bool tied)
    {
        using var model = new LlamaModel(TestModels.Tiny(keyValueHeads, tied), ModelPlacement.Cpu());
        Dictionary<string, Tensor> state = model.state_dict();
        ParameterCatalog catalog = model.Architecture.Parameters;
        Assert.Equal(catalog.Select(spec => spec.Name), state.Keys);
        Assert.All(catalog, spec => Assert.Equal(spec.Shape, state[spec.Name].shape));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void The_state_dict_of_every_method_is_the_catalog(string scheme)
    {
        using var model = new LlamaModel(TestModels.Tiny(scheme: NormSchemes.Named(scheme)), ModelPlacement.Cpu());
        Assert.Equal(model.Architecture.Parameters.Select(spec => spec.Name), model.state_dict().Keys);
    }

    [Fact]
    public void A_tied_head_gives_the_embedding_the_gradients_of_both_of_its_uses()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel tied = Initialized(TestModels.Tiny(tied: true), ModelPlacement.Cpu(ScalarType.Float64));
        using var untied = new LlamaModel(tied.Architecture with { TieEmbeddings = false }, ModelPlacement.Cpu(ScalarType.Float64));
        using (no_grad())
        {
            foreach (ParameterSpec spec in untied.Architecture.Parameters)
            {
                untied.Weights[spec.Name].copy_(tied.Weights[spec.Name == ParameterCatalog.Head ? ParameterCatalog.Embedding : spec.Name]);
            }
        }
        (Tensor ids, Tensor targets) = Batch();
        CrossEntropy.Backward(tied.Hidden(ids), tied.HeadWeight, targets, targets.numel());
        CrossEntropy.Backward(untied.Hidden(ids), untied.HeadWeight, targets, targets.numel());
        Tensor sum = untied.Weights[ParameterCatalog.Embedding].grad! + untied.Weights[ParameterCatalog.Head].grad!;
        Assert.True((tied.Weights[ParameterCatalog.Embedding].grad! - sum).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void A_shared_key_value_head_equals_the_same_head_written_out_for_each_query_head()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel grouped = Initialized(TestModels.Tiny(keyValueHeads: 2), ModelPlacement.Cpu(ScalarType.Float64));
        using var spelled = new LlamaModel(grouped.Architecture with { KeyValueHeads = 4 }, ModelPlacement.Cpu(ScalarType.Float64));
        using var noGradient = no_grad();
        foreach (ParameterSpec spec in grouped.Architecture.Parameters)
        {
            Tensor weight = grouped.Weights[spec.Name];
            if (spec.Role is ParameterRole.Key or ParameterRole.Value)
            {
                // Rows of head 0, head 0, head 1, head 1.
                Tensor[] heads = weight.chunk(2, 0);
                weight = cat([heads[0], heads[0], heads[1], heads[1]], 0);
            }
            spelled.Weights[spec.Name].copy_(weight);
        }
        (Tensor ids, _) = Batch();
        Assert.True((grouped.forward(ids) - spelled.forward(ids)).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void A_later_token_does_not_change_earlier_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Initialized(TestModels.Tiny(), ModelPlacement.Cpu());
        using var noGradient = no_grad();
        (Tensor ids, _) = Batch();
        Tensor before = model.forward(ids);
        Tensor changed = ids.clone();
        changed[0, 11] = (changed[0, 11] + 1) % 61;
        Tensor after = model.forward(changed);
        Assert.True(before[0, ..11].Equals(after[0, ..11]));
        Assert.False(before[0, 11..].Equals(after[0, 11..]));
    }

    [Fact]
    public void Mixed_precision_keeps_float32_weights_and_gradients_and_stays_near_float32()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel full = Initialized(TestModels.Tiny(), ModelPlacement.Cpu());
        using LlamaModel mixed = Initialized(TestModels.Tiny(), new ModelPlacement(CPU, ScalarType.Float32, ScalarType.BFloat16));
        (Tensor ids, Tensor targets) = Batch();
        float expected = CrossEntropy.Backward(full.Hidden(ids), full.HeadWeight, targets, targets.numel()).item<float>();
        float found = CrossEntropy.Backward(mixed.Hidden(ids), mixed.HeadWeight, targets, targets.numel()).item<float>();
        Assert.InRange(found, expected - 0.02f, expected + 0.02f);
        foreach ((string name, var weight) in mixed.Weights)
        {
            Assert.Equal(ScalarType.Float32, weight.dtype);
            Tensor reference = full.Weights[name].grad!;
            Assert.Equal(ScalarType.Float32, weight.grad!.dtype);
            Assert.True((weight.grad - reference).norm().item<float>() < 0.05f * reference.norm().item<float>(), name);
        }
    }

    [Fact]
    public void A_sequence_longer_than_the_rotary_table_is_refused()
    {
        using var model = new LlamaModel(TestModels.Tiny(), ModelPlacement.Cpu());
        using Tensor ids = zeros([1, 33], ScalarType.Int64);
        Assert.Contains("up to 32", Assert.Throws<ArgumentException>(() => model.forward(ids)).Message, StringComparison.Ordinal);
    }

    private static LlamaModel Initialized(LlamaArchitecture architecture, ModelPlacement placement)
    {
        var model = new LlamaModel(architecture, placement);
        WeightInitializer.Initialize(model, seed: 7, embeddingDeviation: 0.5);
        return model;
    }

    private static (Tensor Ids, Tensor Targets) Batch()
    {
        Tensor tokens = tensor(Enumerable.Range(0, 26).Select(i => (long)(i * i * 7 % 61)).ToArray(), [2, 13]);
        return (tokens[.., ..^1], tokens[.., 1..]);
    }
}
