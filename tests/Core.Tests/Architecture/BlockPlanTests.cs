using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Core.Tests.Architecture;

public class BlockPlanTests
{
    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(2, 0.7071)]
    [InlineData(3, 0.5774)]
    [InlineData(4, 0.5)]
    [InlineData(6, 0.4082)]
    [InlineData(8, 0.3536)]
    [InlineData(12, 0.2887)]
    [InlineData(24, 0.2041)]
    [InlineData(32, 0.1768)]
    public void Lns_scales_both_norms_by_one_over_the_root_of_the_depth(int depth, double expected)
    {
        BlockPlan plan = Deep(NormSchemes.Lns).Blocks[depth - 1];
        Assert.Equal(depth, plan.Depth);
        Assert.Equal(expected, plan.Attention.Input!.Scale, 4);
        Assert.Equal(plan.Attention.Input!.Scale, plan.FeedForward.Input!.Scale);
        Assert.Equal(1.0, plan.Attention.Input!.Scale * plan.Attention.Input!.Scale * depth, 12);
    }

    [Fact]
    public void Pre_ln_scales_nothing() =>
        Assert.All(Deep(NormSchemes.Pre).Blocks, plan => Assert.Equal((1.0, 1.0), (plan.Attention.Input!.Scale, plan.FeedForward.Input!.Scale)));

    [Fact]
    public void A_model_has_one_plan_per_block_in_order()
    {
        IReadOnlyList<BlockPlan> blocks = Preset.Named("nano").Architecture(NormSchemes.Lns, 2048, 1, 2).Blocks;
        Assert.Equal(Enumerable.Range(0, 8), blocks.Select(block => block.Index));
        Assert.Equal("model.layers.7.input_layernorm.weight", blocks[7].Attention.Input!.Gain);
        Assert.Equal("model.layers.7.post_attention_layernorm.weight", blocks[7].FeedForward.Input!.Gain);
    }

    private static LlamaArchitecture Deep(NormScheme scheme) => Preset.Named("nano").Architecture(scheme, 2048, 1, 2) with { BlockCount = 32 };
}
