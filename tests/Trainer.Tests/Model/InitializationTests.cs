using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

/// <summary>How each method starts each of its tensors, by formulas written out here.</summary>
public sealed class InitializationTests
{
    private const int Blocks = 4;
    private const double Range = 0.02;

    private static readonly LlamaArchitecture Shape = TestModels.Tiny(keyValueHeads: 4) with { VocabularySize = 400, HiddenSize = 64, IntermediateSize = 160, HeadSize = 16, BlockCount = Blocks };

    public static TheoryData<string> Schemes => [.. NormSchemes.Names];

    [Theory]
    [MemberData(nameof(Schemes))]
    public void Every_tensor_has_the_mean_and_the_deviation_of_its_method(string scheme)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaModel model = Fresh(scheme);
        foreach (ParameterSpec spec in model.Architecture.Parameters)
        {
            Tensor weight = model.Weights[spec.Name].detach().to(ScalarType.Float64);
            (double mean, double deviation) = Expected(scheme, spec);
            if (deviation == 0)
            {
                Assert.True((weight - mean).abs().max().item<double>() <= 1e-7 * mean, $"{spec.Name}: expected {mean}");
                continue;
            }
            double spread = weight.std().item<double>();
            Assert.True(Math.Abs(spread - deviation) < deviation * 4 / Math.Sqrt(2 * spec.Count), $"{spec.Name}: expected deviation {deviation}, found {spread}");
            Assert.InRange(weight.mean().item<double>(), mean - (4 * deviation / Math.Sqrt(spec.Count)), mean + (4 * deviation / Math.Sqrt(spec.Count)));
        }
    }

    [Theory]
    [InlineData(12, 0.1)]
    [InlineData(18, 0.1)]
    [InlineData(24, 1e-5)]
    [InlineData(32, 1e-6)]
    public void A_layer_scale_starts_smaller_in_a_deeper_model(int blocks, double expected) =>
        Assert.All((Shape with { BlockCount = blocks, NormScheme = NormSchemes.Named("layerscale") }).Parameters.Where(spec => spec.Role == ParameterRole.Scale),
            spec => Assert.Equal(Initialization.Constant(expected), spec.Initial));

    [Fact]
    public void Profiling_starts_admins_factors_at_the_running_deviation_of_the_stream()
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradient = no_grad();
        Tensor ids = arange(48, ScalarType.Int64).reshape(2, 24) * 7 % 400;
        using LlamaModel model = Profiled(ids);
        double[] factors = Factors(model);
        Assert.Equal(2 * Blocks, factors.Length);
        Assert.Equal(1, factors[0]);
        Assert.All(factors.Skip(2).Zip(factors.Skip(1)), pair => Assert.True(pair.First > pair.Second, "a variance more cannot make the deviation smaller"));

        // The first branch of this shape adds less than 0.01 to the variance of the embeddings.
        double embeddings = Variance(model.Weights[ParameterCatalog.Embedding][ids]);
        Assert.InRange(factors[1], Math.Sqrt(embeddings), Math.Sqrt(embeddings + 0.01));

        using LlamaModel other = Fresh("pre");
        Tensor before = other.HeadWeight.clone();
        other.ProfileResiduals(ids);
        Assert.True(before.Equals(other.HeadWeight));
    }

    private static (double Mean, double Deviation) Expected(string scheme, ParameterSpec spec)
    {
        int depth = (spec.Block ?? 0) + 1;
        bool blockNorm = spec.Role == ParameterRole.Norm && spec.Block is not null;
        bool branchEnd = spec.Name.EndsWith("o_proj.weight", StringComparison.Ordinal) || spec.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
        if (spec.Role is ParameterRole.Norm or ParameterRole.Bias or ParameterRole.Scale)
        {
            return (spec.Role, scheme) switch
            {
                (ParameterRole.Norm, "lns-gain-init") when blockNorm => (1 / Math.Sqrt(depth), 0),
                (ParameterRole.Norm, _) => (1, 0),
                (ParameterRole.Bias, _) => (0, 0),
                (_, "layerscale" or "layerscale-as-run") => (0.1, 0),
                (_, "skipinit") => (0.5, 0),
                (_, "admin") => (1, 0),
                (_, "admin-as-run") => (0.015, 0),
                _ => throw new InvalidOperationException($"{scheme} has no factor {spec.Name}."),
            };
        }
        if (spec.Block is null)
        {
            return (0, spec.Role == ParameterRole.Embedding ? 0.632 : Range);
        }
        bool queryOrKey = spec.Role is ParameterRole.Query or ParameterRole.Key;
        double xavier = Math.Sqrt(2.0 / (spec.Shape[0] + spec.Shape[1]));
        return (0, scheme switch
        {
            "scaled-init" or "lns-scaled-init" when branchEnd => Range / Math.Sqrt(2 * Blocks),
            "depth-scaled-init" when branchEnd => Range / Math.Sqrt(2 * depth),
            "deepnorm" => xavier * (queryOrKey ? 1 : Math.Pow(8 * Blocks, -0.25)),
            "deepnorm-as-run" => xavier * (queryOrKey ? 1 : Math.Pow(8 * Blocks, 0.25)),
            _ => Range,
        });
    }

    private static double Variance(Tensor values) => (values - values.mean()).square().mean().to(ScalarType.Float64).item<double>();

    private static LlamaModel Profiled(Tensor ids)
    {
        LlamaModel model = Fresh("admin");
        model.ProfileResiduals(ids);
        return model;
    }

    private static double[] Factors(LlamaModel model) =>
        [.. model.Architecture.Parameters.Where(spec => spec.Role == ParameterRole.Scale).Select(spec => Single(model.Weights[spec.Name]))];

    private static double Single(Tensor factor)
    {
        Assert.Equal(factor.min().item<float>(), factor.max().item<float>());
        return factor[0].item<float>();
    }

    private static LlamaModel Fresh(string scheme)
    {
        var model = new LlamaModel(Shape with { NormScheme = NormSchemes.Named(scheme) }, ModelPlacement.Cpu());
        WeightInitializer.Initialize(model, seed: 3, embeddingDeviation: 0.632);
        return model;
    }
}
