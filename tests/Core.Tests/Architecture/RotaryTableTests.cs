using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Core.Tests.Architecture;

public class RotaryTableTests
{
    private static readonly LlamaArchitecture Plain = new()
    {
        VocabularySize = 100,
        HiddenSize = 32,
        IntermediateSize = 64,
        BlockCount = 1,
        Heads = 4,
        KeyValueHeads = 4,
        HeadSize = 8,
        MaxPositions = 64,
        NormScheme = NormSchemes.Pre,
    };

    [Fact]
    public void Frequencies_fall_geometrically_from_one() => AssertClose([1, 0.1, 0.01, 0.001], RotaryTable.Frequencies(Plain));

    [Fact]
    public void Linear_scaling_divides_every_frequency() =>
        AssertClose([0.25, 0.025, 0.0025, 0.00025], RotaryTable.Frequencies(Plain with { RopeScaling = new RopeScaling.Linear(4) }));

    [Fact]
    public void Llama3_scaling_keeps_short_waves_divides_long_ones_and_blends_between()
    {
        // Turns within 64 positions: 10.19, 1.019, 0.102, 0.0102; four and more are kept, one and fewer divided.
        double[] found = RotaryTable.Frequencies(Plain with { RopeScaling = new RopeScaling.Llama3(8, 1, 4, 64) });
        double turns = 64 * 0.1 / (2 * Math.PI);
        double keep = (turns - 1) / 3;
        AssertClose([1, ((1 - keep) * 0.1 / 8) + (keep * 0.1), 0.01 / 8, 0.001 / 8], found);
    }

    [Fact]
    public void Angles_are_position_times_frequency_row_by_row()
    {
        (double[] cosine, double[] sine) = RotaryTable.Angles(Plain, 5);
        Assert.Equal(5 * 4, cosine.Length);
        AssertClose([1, 1, 1, 1], cosine[..4]);
        Assert.Equal(Math.Cos(3), cosine[(3 * 4) + 0], 12);
        Assert.Equal(Math.Sin(4 * 0.01), sine[(4 * 4) + 2], 12);
    }

    private static void AssertClose(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 12));
    }
}
