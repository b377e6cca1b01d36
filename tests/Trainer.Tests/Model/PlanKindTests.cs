using Factory.Core.Architecture;
using Factory.Trainer.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Factory.Trainer.Tests.Model;

/// <summary>Kinds of norms, functions and attention that no method of the paper has, against libtorch's own.</summary>
public sealed class PlanKindTests
{
    private static readonly ModelPlacement Exact = ModelPlacement.Cpu(ScalarType.Float64);

    [Fact]
    public void A_layer_norm_is_libtorchs()
    {
        using DisposeScope scope = NewDisposeScope();
        using var norm = new Norm(new NormPlan(NormKind.LayerNorm, "norm", 12, 1e-5), Exact, ScalarType.Float64);
        Fill(norm);
        Tensor x = randn(2, 5, 12, ScalarType.Float64) + 3;
        AssertClose(nn.functional.layer_norm(x, [12], norm.get_parameter("weight"), norm.get_parameter("bias"), 1e-5), norm.forward(x));
    }

    [Fact]
    public void A_factor_on_a_norms_input_weighs_its_epsilon_and_one_on_its_output_multiplies()
    {
        using DisposeScope scope = NewDisposeScope();
        using var norm = new Norm(new NormPlan(NormKind.RMSNorm, "norm", 8, 0.1) { InputScale = 0.5, Scale = 3 }, Exact, ScalarType.Float64);
        using var plain = new Norm(new NormPlan(NormKind.RMSNorm, "norm", 8, 0.1 / 0.25), Exact, ScalarType.Float64);
        Fill(norm);
        using (no_grad())
        {
            plain.get_parameter("weight")!.copy_(norm.get_parameter("weight")!);
        }
        Tensor x = randn(2, 3, 8, ScalarType.Float64);
        AssertClose(plain.forward(x) * 3, norm.forward(x));
    }

    [Fact]
    public void A_feed_forward_network_with_GELU_has_two_maps()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new LlamaFeedForward(new FeedForwardPlan("mlp", 20) { Kind = FeedForwardKind.Gelu, Bias = true }, 8, Exact);
        Fill(network);
        Dictionary<string, Tensor> weights = network.state_dict();
        Assert.Equal(["up_proj.weight", "up_proj.bias", "down_proj.weight", "down_proj.bias"], weights.Keys);
        Tensor x = randn(2, 3, 8, ScalarType.Float64);
        Tensor inner = nn.functional.linear(x, weights["up_proj.weight"], weights["up_proj.bias"]);
        Tensor gelu = inner * 0.5 * (1 + special.erf(inner / Math.Sqrt(2)));
        AssertClose(nn.functional.linear(gelu, weights["down_proj.weight"], weights["down_proj.bias"]), network.forward(x));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(true, 3)]
    [InlineData(false, null)]
    [InlineData(false, 3)]
    public void A_query_sees_what_its_plan_says(bool causal, int? window)
    {
        using DisposeScope scope = NewDisposeScope();
        var plan = new AttentionPlan("attention", 2, 1, 4) { Causal = causal, Window = window, Rotary = false };
        using var rotary = new RotaryEmbedding(TestModels.Tiny(), Exact);
        using var attention = new LlamaAttention(plan, 6, rotary, Exact);
        Fill(attention);
        using var noGradient = no_grad();
        Tensor x = randn(1, 7, 6, ScalarType.Float64);
        Tensor before = attention.forward(x);
        for (int key = 0; key < 7; key++)
        {
            Tensor changed = x.clone();
            changed[0, key] += 1;
            Tensor moved = (attention.forward(changed) - before).abs().sum(-1)[0];
            for (int query = 0; query < 7; query++)
            {
                int distance = query - key;
                bool sees = (!causal || distance >= 0) && (window is null || Math.Abs(distance) < window);
                // The query itself changes with its token, whatever it sees.
                Assert.Equal(sees || distance == 0, moved[query].item<double>() > 1e-12);
            }
        }
    }

    private static void Fill(nn.Module module)
    {
        using var noGradient = no_grad();
        foreach (var parameter in module.parameters())
        {
            parameter.normal_(0, 0.5);
        }
    }

    private static void AssertClose(Tensor expected, Tensor found) => Assert.InRange((expected - found).abs().max().item<double>(), 0, 1e-12);
}
