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

    [Theory]
    [InlineData(43, 35, 1)]
    [InlineData(40_000, 35, 2)]
    [InlineData(3, 1, 1)]
    public void A_weight_is_transposed_in_pieces_of_whole_rows(int outputs, int inputs, int pieces)
    {
        // Larger than one tile and no multiple of it.
        float[] weight = [.. Enumerable.Range(0, outputs * inputs).Select(i => (float)i)];
        float[][] found = [.. Folding.Transposed(weight, outputs, inputs).Select(piece => piece.ToArray())];
        Assert.Equal(pieces, found.Length);
        Assert.All(found, piece => Assert.Equal(0, piece.Length % outputs));
        float[] whole = [.. found.SelectMany(piece => piece)];
        Assert.Equal(Enumerable.Range(0, inputs).SelectMany(input => Enumerable.Range(0, outputs).Select(output => weight[(output * inputs) + input])), whole);
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
