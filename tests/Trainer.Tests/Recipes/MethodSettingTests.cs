using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Text;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Tests.Recipes;

/// <summary>The settings that belong to one method, from the command line's words to the architecture.</summary>
public sealed class MethodSettingTests
{
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model"));

    [Fact]
    public void A_ratio_becomes_a_number_of_post_norm_blocks()
    {
        Assert.Equal(2, Model(("norm", "mix")).PostNormBlocks);
        Assert.Equal(6, Model(("norm", "mix"), ("blocks", "24")).PostNormBlocks);
        Assert.Equal(4, Model(("norm", "mix"), ("mix_ratio", "0.5")).PostNormBlocks);
        Assert.Null(Model(("norm", "pre")).PostNormBlocks);
    }

    [Fact]
    public void Groups_and_exponent_reach_the_plans()
    {
        Assert.Equal(8, Model(("norm", "group")).Blocks[0].Attention.Input!.Groups);
        Assert.Equal(4, Model(("norm", "group"), ("norm_groups", "4")).Blocks[0].Attention.Input!.Groups);
        Assert.Equal(0.25, Model(("norm", "lns"), ("lns_exponent", "1")).Blocks[3].FeedForward.Input!.Scale, 15);
        Assert.Null(Model(("norm", "lns")).DepthExponent);
    }

    [Theory]
    [InlineData("deepnorm")]
    [InlineData("admin")]
    [InlineData("group")]
    [InlineData("layerscale")]
    public void As_run_is_another_arm(string norm) => Assert.Equal($"{norm}-as-run", Model(("norm", norm), ("as_run", "true")).NormScheme.Name);

    [Theory]
    [InlineData("mix_ratio", "norm", "pre", "mix_ratio", "0.5")]
    [InlineData("norm_groups", "norm", "lns", "norm_groups", "4")]
    [InlineData("lns_exponent", "norm", "deepnorm", "lns_exponent", "1")]
    [InlineData("as_run", "norm", "lns", "as_run", "true")]
    [InlineData("mix_ratio", "norm", "mix", "mix_ratio", "0")]
    [InlineData("lns_exponent", "norm", "lns", "lns_exponent", "-1")]
    public void A_setting_that_the_method_does_not_take_is_refused(string setting, params string[] given)
    {
        SettingError error = Assert.Throws<SettingError>(() => Resolve([.. given.Chunk(2).Select(pair => (pair[0], pair[1]))]));
        Assert.Equal(setting, error.Setting);
        Assert.StartsWith("expected", error.Problem, StringComparison.Ordinal);
    }

    private static LlamaArchitecture Model(params (string Name, string Value)[] given) => Resolve(given).Model.Architecture(Tokenizer, 32).Validate("the recipe");

    private static Recipe Resolve(params (string Name, string Value)[] given)
    {
        var changes = new RecipeChanges();
        foreach ((string name, string value) in given)
        {
            Setting setting = RecipeSettings.Named(name);
            changes.Set(setting, setting.Parse(value));
        }
        return Recipe.Resolve(changes, Precision.Fp32);
    }
}
