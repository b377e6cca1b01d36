namespace Factory.Core.Architecture.Methods;

/// <summary>All normalization methods. A new one is a file beside this one and a line here.</summary>
public static class NormSchemes
{
    private const string AsRunSuffix = "-as-run";

    /// <summary>In the order of tables and help: the paper's methods, what its authors ran where that is something else, its ablation, others.</summary>
    public static IReadOnlyList<NormScheme> All { get; } =
    [
        new PreNorm(),
        new PostNorm(),
        new DeepNorm(asRun: false),
        new MixNorm(),
        new SandwichNorm(peri: false),
        new AdminNorm(asRun: false),
        new GroupNorm(asRun: false),
        new LayerScale(asRun: false),
        new SkipInit(),
        new ScaledInit(),
        new DepthScaledInit(),
        new LayerNormScaling(scaledInit: false),
        new LayerNormScaling(scaledInit: true),
        new DeepNorm(asRun: true),
        new AdminNorm(asRun: true),
        new GroupNorm(asRun: true),
        new LayerScale(asRun: true),
        .. Enum.GetValues<LayerNormScalingPlace>().Select(place => new LayerNormScalingVariant(place)),
        new SandwichNorm(peri: true),
    ];

    /// <summary>Plain LLaMA.</summary>
    public static NormScheme Pre { get; } = Named("pre");

    /// <summary>LayerNorm Scaling, the method this factory is for.</summary>
    public static NormScheme Lns { get; } = Named("lns");

    /// <summary>Spellings of all methods.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(scheme => scheme.Name)];

    /// <summary>The method of that name, or null.</summary>
    public static NormScheme? Find(string name) => All.FirstOrDefault(scheme => scheme.Name == name);

    /// <exception cref="SettingError">No method has that name; the setting is "norm".</exception>
    public static NormScheme Named(string name) => Find(name) ?? throw new SettingError("norm", $"expected one of {string.Join(", ", Names)}, found '{name}'.");

    /// <summary>The arm that the paper's authors ran under the name of <paramref name="scheme"/>.</summary>
    /// <exception cref="SettingError">They ran what its source defines; the setting is "as_run".</exception>
    public static NormScheme AsRun(NormScheme scheme) => IsAsRun(scheme.Name) ? scheme : Find(scheme.Name + AsRunSuffix) ?? throw new SettingError("as_run",
        "expected a method that the paper's authors ran in another form than its source has it "
        + $"({string.Join(", ", Names.Where(IsAsRun).Select(name => name[..^AsRunSuffix.Length]))}), found {scheme}. Leave it out.");

    private static bool IsAsRun(string name) => name.EndsWith(AsRunSuffix, StringComparison.Ordinal);
}
