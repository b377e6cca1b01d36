using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;

namespace Factory.Core.Tests.Architecture.Methods;

public class MethodsPageTests
{
    [Fact]
    public void The_page_in_docs_is_what_the_method_files_say() =>
        // Write it again with: dotnet run -c Release --project Trainer -- methods --markdown > docs/methods.md
        Assert.Equal(MethodsPage.ToMarkdown(), File.ReadAllText(Path.Combine(GoldenData.Repository, "docs", "methods.md")));

    [Fact]
    public void Every_method_has_a_name_of_its_own_and_says_what_it_is()
    {
        Assert.Equal(NormSchemes.All.Count, NormSchemes.Names.Distinct().Count());
        Assert.All(NormSchemes.All, scheme =>
        {
            Assert.Same(scheme, NormSchemes.Named(scheme.Name));
            Assert.Matches("^[a-z]+(-[a-z]+)*$", scheme.Name);
            Assert.NotEmpty(scheme.Title);
            Assert.NotEmpty(scheme.Equation);
            Assert.Contains("arXiv", scheme.Source, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("deepnorm")]
    [InlineData("admin")]
    [InlineData("group")]
    [InlineData("layerscale")]
    public void Some_methods_were_run_in_another_form(string name)
    {
        NormScheme other = NormSchemes.AsRun(NormSchemes.Named(name));
        Assert.Equal($"{name}-as-run", other.Name);
        Assert.Same(other, NormSchemes.AsRun(other));
    }

    [Fact]
    public void A_method_that_was_run_as_defined_and_an_unknown_one_are_refused_with_the_choices()
    {
        SettingError asRun = Assert.Throws<SettingError>(() => NormSchemes.AsRun(NormSchemes.Lns));
        Assert.Equal("as_run", asRun.Setting);
        Assert.Contains("deepnorm, admin, group, layerscale", asRun.Problem, StringComparison.Ordinal);
        SettingError unknown = Assert.Throws<SettingError>(() => NormSchemes.Named("Pre"));
        Assert.Equal("norm", unknown.Setting);
        Assert.Contains("pre, post, deepnorm, mix", unknown.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(6, 2)]
    [InlineData(8, 2)]
    [InlineData(10, 3)]
    [InlineData(12, 3)]
    [InlineData(24, 6)]
    [InlineData(32, 8)]
    public void A_quarter_of_the_blocks_of_mix_is_post_norm(int blocks, int expected)
    {
        LlamaArchitecture model = Preset.Named("nano").Architecture(NormSchemes.Named("mix"), 2048, 1, 2) with { BlockCount = blocks };
        Assert.Equal(expected, model.Blocks.Count(block => block.Attention.AfterAdd is not null && block.FeedForward.AfterAdd is not null));
        Assert.All(model.Blocks.Skip(expected), block => Assert.True(block.Attention.FoldsToPreNorm && block.FeedForward.FoldsToPreNorm));
    }

    [Theory]
    [InlineData("pre")]
    [InlineData("lns")]
    [InlineData("lns-scaled-init")]
    [InlineData("scaled-init")]
    [InlineData("depth-scaled-init")]
    [InlineData("layerscale")]
    [InlineData("layerscale-as-run")]
    [InlineData("skipinit")]
    [InlineData("lns-branch-output")]
    [InlineData("lns-attention-only")]
    [InlineData("lns-feed-forward-only")]
    [InlineData("lns-gain-init")]
    public void The_Pre_LN_family_folds_to_a_plain_LLaMA(string name) => Assert.True(Model(name).FoldsToPlainLlama);

    [Theory]
    [InlineData("post")]
    [InlineData("deepnorm")]
    [InlineData("deepnorm-as-run")]
    [InlineData("mix")]
    [InlineData("sandwich")]
    [InlineData("peri")]
    [InlineData("admin")]
    [InlineData("admin-as-run")]
    [InlineData("group")]
    [InlineData("group-as-run")]
    [InlineData("lns-before-norm")]
    public void Other_methods_do_not(string name) => Assert.False(Model(name).FoldsToPlainLlama);

    [Theory]
    [InlineData(0.5, 2, 0.70710678118654752)]
    [InlineData(1, 4, 0.25)]
    [InlineData(0, 4, 1)]
    [InlineData(0.25, 16, 0.5)]
    public void The_exponent_of_the_depth_can_be_chosen(double exponent, int depth, double expected)
    {
        NormPlan norm = (Model("lns") with { BlockCount = 16, DepthExponent = exponent }).Blocks[depth - 1].FeedForward.Input!;
        Assert.Equal(expected, norm.Scale, 15);
    }

    [Theory]
    [InlineData("pre", "lns_exponent")]
    [InlineData("sandwich", "norm_groups")]
    [InlineData("lns", "post_norm_blocks")]
    public void A_setting_of_another_method_is_refused(string name, string setting)
    {
        LlamaArchitecture model = Model(name);
        LlamaArchitecture bad = setting switch
        {
            "lns_exponent" => model with { DepthExponent = 0.5 },
            "norm_groups" => model with { NormGroups = 8 },
            _ => model with { PostNormBlocks = 1 },
        };
        Assert.StartsWith($"here: {setting}: expected none with the method {name}", Assert.Throws<UserError>(() => bad.Validate("here")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_that_do_not_divide_the_channels_and_more_post_norm_blocks_than_blocks_are_refused()
    {
        Assert.Contains("norm_groups: expected a divisor of hidden_size (128), found 7", Refusal(Model("group") with { NormGroups = 7 }), StringComparison.Ordinal);
        Assert.Contains("norm_groups: expected a divisor", Refusal(Model("group") with { NormGroups = 0 }), StringComparison.Ordinal);
        Assert.Contains("post_norm_blocks: expected from 1 to num_hidden_layers (8), found 9", Refusal(Model("mix") with { PostNormBlocks = 9 }), StringComparison.Ordinal);
        Assert.Contains("lns_exponent: expected a number from 0 up, found -1", Refusal(Model("lns") with { DepthExponent = -1 }), StringComparison.Ordinal);
    }

    private static string Refusal(LlamaArchitecture model) => Assert.Throws<UserError>(() => model.Validate("here")).Message;

    private static LlamaArchitecture Model(string name) => Preset.Named("nano").Architecture(NormSchemes.Named(name), 2048, 1, 2);
}
