using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Core.Tests.Architecture;

public class PresetTests
{
    [Theory]
    [InlineData("9m", 8_995_968)]
    [InlineData("20m", 19_548_416)]
    [InlineData("35m", 35_197_824)]
    [InlineData("40m", 42_392_480)]
    [InlineData("60m", 58_073_600)]
    [InlineData("71m", 70_578_688)]
    [InlineData("100m", 100_117_120, 32_100)]
    [InlineData("130m", 134_105_856)]
    [InlineData("250m", 247_370_496)]
    [InlineData("350m", 367_969_280)]
    [InlineData("1b", 1_339_082_752)]
    [InlineData("3b", 2_685_831_680)]
    [InlineData("7b", 6_738_415_616)]
    public void The_papers_sizes_have_the_papers_parameter_counts(string name, long expected, int vocabulary = 32_000)
    {
        Assert.All(new[] { NormSchemes.Pre, NormSchemes.Lns }, scheme =>
            Assert.Equal(expected, Preset.Named(name).Architecture(scheme, vocabulary, bosTokenId: null, eosTokenId: 1).Parameters.TotalCount));
    }

    /// <summary>What a method adds to Pre-LN's parameters, of d channels and L blocks.</summary>
    [Theory]
    [InlineData("post", 0)]
    [InlineData("deepnorm", 0)]
    [InlineData("mix", 0)]
    [InlineData("scaled-init", 0)]
    [InlineData("sandwich", 2 * 768 * 12)]
    [InlineData("peri", (2 * 768 * 12) + 768)]
    [InlineData("layerscale", 2 * 768 * 12)]
    [InlineData("layerscale-as-run", 768 * 12)]
    [InlineData("skipinit", 2 * 12)]
    [InlineData("admin", 2 * 768 * 12)]
    [InlineData("admin-as-run", 12)]
    [InlineData("group", 2 * 768 * 12)]
    public void A_method_adds_what_its_equation_names(string scheme, long expected)
    {
        long Count(NormScheme method) => Preset.Named("130m").Architecture(method, 32_000, null, 1).Parameters.TotalCount;
        Assert.Equal(expected, Count(NormSchemes.Named(scheme)) - Count(NormSchemes.Pre));
    }

    [Fact]
    public void Every_preset_is_a_sound_model_under_every_method()
    {
        foreach (Preset preset in Preset.All)
        {
            Assert.All(NormSchemes.All, scheme => preset.Architecture(scheme, 2048, 1, 2).Validate(preset.Name));
            Assert.Same(preset, Preset.Named(preset.Name));
        }
    }

    [Fact]
    public void An_unknown_preset_is_refused_with_the_known_ones()
    {
        string message = Assert.Throws<SettingError>(() => Preset.Named("9b")).Message;
        Assert.Contains("nano, 9m, 20m, 35m, 40m, 60m, 71m, 100m, 130m, 250m, 350m, 1b, 3b, 7b", message, StringComparison.Ordinal);
        Assert.Contains("'9b'", message, StringComparison.Ordinal);
    }
}
