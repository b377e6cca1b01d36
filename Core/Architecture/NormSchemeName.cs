namespace Factory.Core.Architecture;

/// <summary>The spelling of a scheme on the command line and in config.json.</summary>
public static class NormSchemeName
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<NormScheme>().Select(Of)];

    public static string Of(NormScheme scheme) => scheme switch
    {
        NormScheme.Pre => "pre",
        NormScheme.Lns => "lns",
    };

    /// <exception cref="UserError">No scheme has that name; the line starts with <paramref name="where"/>.</exception>
    public static NormScheme Parse(string name, string where)
    {
        foreach (NormScheme scheme in Enum.GetValues<NormScheme>())
        {
            if (Of(scheme) == name)
            {
                return scheme;
            }
        }
        throw new UserError($"{where}: expected one of {string.Join(", ", All)}, found '{name}'.");
    }
}
