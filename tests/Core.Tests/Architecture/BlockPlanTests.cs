using Factory.Core.Architecture;

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
        BlockPlan plan = BlockPlan.For(NormScheme.Lns, depth - 1);
        Assert.Equal(depth, plan.Depth);
        Assert.Equal(expected, plan.AttentionNorm.Scale, 4);
        Assert.Equal(plan.AttentionNorm.Scale, plan.FeedForwardNorm.Scale);
        Assert.Equal(1.0, plan.AttentionNorm.Scale * plan.AttentionNorm.Scale * depth, 12);
    }

    [Fact]
    public void Pre_ln_scales_nothing() =>
        Assert.All(Enumerable.Range(0, 24).Select(index => BlockPlan.For(NormScheme.Pre, index)), plan => Assert.Equal((1.0, 1.0), (plan.AttentionNorm.Scale, plan.FeedForwardNorm.Scale)));

    [Fact]
    public void A_model_has_one_plan_per_block_in_order()
    {
        IReadOnlyList<BlockPlan> blocks = Preset.Named("nano").Architecture(NormScheme.Lns, 2048, 1, 2).Blocks;
        Assert.Equal(Enumerable.Range(0, 8), blocks.Select(block => block.Index));
        Assert.Equal("model.layers.7.input_layernorm.weight", blocks[7].AttentionNorm.Parameter);
        Assert.Equal("model.layers.7.post_attention_layernorm.weight", blocks[7].FeedForwardNorm.Parameter);
    }

    [Fact]
    public void Every_scheme_has_a_name_of_its_own()
    {
        Assert.Equal(["pre", "lns"], NormSchemeName.All);
        Assert.All(Enum.GetValues<NormScheme>(), scheme => Assert.Equal(scheme, NormSchemeName.Parse(NormSchemeName.Of(scheme), "here")));
        Assert.StartsWith("--norm:", Assert.Throws<UserError>(() => NormSchemeName.Parse("Pre", "--norm")).Message, StringComparison.Ordinal);
    }
}
