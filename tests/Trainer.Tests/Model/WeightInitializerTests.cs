using Factory.Core.Architecture;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

public sealed class WeightInitializerTests
{
    private static readonly LlamaArchitecture Shape = TestModels.Tiny() with { VocabularySize = 400, HiddenSize = 64, IntermediateSize = 160 };

    [Fact]
    public void Gains_are_one_and_every_other_weight_has_its_deviation()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Fresh(Shape, seed: 1, embeddingDeviation: 0.632);
        foreach (ParameterSpec spec in Shape.Parameters)
        {
            Tensor weight = model.Weights[spec.Name].detach();
            double expected = spec.Role switch { ParameterRole.Norm => 0, ParameterRole.Embedding => 0.632, _ => 0.02 };
            Assert.Equal(expected, weight.std().item<float>(), expected * 0.06);
            Assert.Equal(spec.Role == ParameterRole.Norm ? 1 : 0, weight.mean().item<float>(), 4 * expected / Math.Sqrt(spec.Count));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel one = Fresh(Shape, seed: 1);
        using LlamaModel again = Fresh(Shape, seed: 1);
        using LlamaModel other = Fresh(Shape, seed: 2);
        Assert.All(one.Weights, named => Assert.True(named.Value.Equals(again.Weights[named.Key])));
        Assert.False(one.HeadWeight.Equals(other.HeadWeight));
    }

    [Fact]
    public void A_parameter_does_not_depend_on_how_many_others_the_model_has()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel shallow = Fresh(Shape with { BlockCount = 1 }, seed: 5);
        using LlamaModel deep = Fresh(Shape with { BlockCount = 4 }, seed: 5);
        Assert.All(shallow.Weights, named => Assert.True(named.Value.Equals(deep.Weights[named.Key])));
    }

    private static LlamaModel Fresh(LlamaArchitecture architecture, ulong seed, double embeddingDeviation = WeightInitializer.EmbeddingDeviation)
    {
        var model = new LlamaModel(architecture, ModelPlacement.Cpu());
        WeightInitializer.Initialize(model, seed, embeddingDeviation);
        return model;
    }
}
