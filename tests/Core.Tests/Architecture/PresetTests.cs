using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Core.Tests.Architecture;

public class PresetTests
{
    [Theory]
    [InlineData("60m", 58_073_600)]
    [InlineData("130m", 134_105_856)]
    [InlineData("250m", 247_370_496)]
    [InlineData("350m", 367_969_280)]
    [InlineData("1b", 1_339_082_752)]
    public void The_papers_sizes_have_the_papers_parameter_counts(string name, long expected)
    {
        Assert.All(new[] { NormSchemes.Pre, NormSchemes.Lns }, scheme =>
            Assert.Equal(expected, Preset.Named(name).Architecture(scheme, 32_000, bosTokenId: null, eosTokenId: 1).Parameters.TotalCount));
    }

    [Fact]
    public void Every_preset_is_a_sound_model_and_a_sound_recipe()
    {
        foreach (Preset preset in Preset.All)
        {
            preset.Architecture(NormSchemes.Lns, 2048, 1, 2).Validate(preset.Name);
            Assert.True(preset.SequenceLength <= preset.MaxPositions);
            Assert.Equal(0, preset.BatchSize % preset.MicroBatchSize);
            Assert.InRange(preset.WarmupSteps, 1, preset.Steps);
            Assert.Same(preset, Preset.Named(preset.Name));
        }
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_the_known_ones()
    {
        string message = Assert.Throws<SettingError>(() => Preset.Named("9b")).Message;
        Assert.Contains("nano, 60m, 130m, 250m, 350m, 1b", message, StringComparison.Ordinal);
        Assert.Contains("'9b'", message, StringComparison.Ordinal);
    }
}
