namespace Factory.Core.Architecture.Methods;

/// <summary>
/// Pre-LN with a GroupNorm (arXiv 1803.08494) in the place of each block's norms. As run: statistics over the group's channels and the whole
/// sequence, so that a token sees what follows it.
/// </summary>
public sealed class GroupNorm : NormScheme
{
    /// <summary>config.json's key for the number of groups.</summary>
    public const string GroupsKey = "norm_groups";

    /// <summary>Groups, unless another number is asked for.</summary>
    public const int DefaultGroups = 8;

    /// <summary>PyTorch's default for GroupNorm.</summary>
    private const double Epsilon = 1e-5;

    private readonly bool _asRun;

    internal GroupNorm(bool asRun) => _asRun = asRun;

    public override string Name => _asRun ? "group-as-run" : "group";

    public override string Title => _asRun ? "Group-LN, as the paper's authors ran it" : "Group-LN";

    public override string Equation => "x' = x + A(G(x)); y = x' + F(G(x')); G: GroupNorm with gain and bias, " + (_asRun ? "over the group's channels and all positions" : "token by token");

    public override string Constants => "8 groups, epsilon 1e-5";

    public override string Source => "Wu and He 2018, arXiv 1803.08494";

    public override IReadOnlyList<string> Settings => [GroupsKey];

    public override ResidualBranch Branch(BranchSite site) =>
        new() { Input = site.GroupNorm(_asRun ? NormKind.GroupNormOverTime : NormKind.GroupNorm, Groups(site.Model), Epsilon) };

    public override (string Key, string Expected, object Found)? Conflict(LlamaArchitecture model) =>
        Groups(model) < 1 || model.HiddenSize % Groups(model) != 0 ? (GroupsKey, $"a divisor of hidden_size ({model.HiddenSize})", Groups(model)) : null;

    private static int Groups(LlamaArchitecture model) => model.NormGroups ?? DefaultGroups;
}
