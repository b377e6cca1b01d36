using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Exporter.Tests;

public sealed class FoldingTests
{
    [Fact]
    public void A_gain_is_multiplied_in_double_and_rounded_once()
    {
        NormPlan plan = (TestModel.Tiny with { NormScheme = NormSchemes.Lns }).Blocks[2].Attention.Input!;
        float[] gain = [1f, 0.1f, -3.7f];
        Assert.Equal(gain.Select(value => (float)(value / Math.Sqrt(3.0))), Folding.Scale(gain, plan), (a, b) => Math.Abs(a - b) <= 1e-7f * Math.Abs(a));
        Assert.Equal(gain, Folding.Scale(gain, (TestModel.Tiny with { NormScheme = NormSchemes.Pre }).Blocks[2].Attention.Input!));
    }

    [Fact]
    public void Weights_are_packed_side_by_side_and_transposed()
    {
        // (outputs, inputs): 40 x 35 and 3 x 35, larger than one tile and no multiple of it.
        float[] a = [.. Enumerable.Range(0, 40 * 35).Select(i => (float)i)];
        float[] b = [.. Enumerable.Range(0, 3 * 35).Select(i => (float)-i)];
        float[] packed = Folding.Pack(35, a, b);
        for (int input = 0; input < 35; input++)
        {
            Assert.Equal(Enumerable.Range(0, 40).Select(output => a[(output * 35) + input]), packed[(input * 43)..((input * 43) + 40)]);
            Assert.Equal(Enumerable.Range(0, 3).Select(output => b[(output * 35) + input]), packed[((input * 43) + 40)..((input + 1) * 43)]);
        }
    }

    [Theory]
    [InlineData(6, 16)]
    [InlineData(16, 16)]
    [InlineData(52, 64)]
    public void A_head_grows_to_a_multiple_of_16(int size, int padded) => Assert.Equal(padded, new HeadLayout(size).PaddedSize);

    [Fact]
    public void Each_half_of_a_head_grows_at_its_end()
    {
        var layout = new HeadLayout(4);
        Assert.Equal([1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0], layout.PadRows([1, 2, 3, 4], 1));
        Assert.Equal([0.5f, 0.25f, 1, 1, 1, 1, 1, 1], layout.PadTable([0.5, 0.25], 1));
    }
}
