using System.Reflection;
using System.Runtime.InteropServices;

namespace Factory.Evals.Reporting;

/// <summary>Which software took part, as the assemblies themselves say.</summary>
internal static class BuildFacts
{
    public static IReadOnlyDictionary<string, string> Packages { get; } = new SortedDictionary<string, string>(
        new Dictionary<string, string>
        {
            ["Microsoft.ML.OnnxRuntime"] = Version(Assembly.Load("Microsoft.ML.OnnxRuntime")).Version,
            ["Microsoft.ML.Tokenizers"] = Version(Assembly.Load("Microsoft.ML.Tokenizers")).Version,
            ["Factory"] = Version(typeof(BuildFacts).Assembly).Version,
            [".NET"] = RuntimeInformation.FrameworkDescription.Replace(".NET ", "", StringComparison.Ordinal),
        },
        StringComparer.Ordinal);

    /// <summary>The SDK appends it to the version of what it builds in a repository: "0.1.0+d16c0de…".</summary>
    public static string? GitCommit { get; } = Version(typeof(BuildFacts).Assembly).Commit;

    private static (string Version, string? Commit) Version(Assembly assembly)
    {
        string[] parts = (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{assembly.GetName().Version}").Split('+', 2);
        return (parts[0], parts.Length > 1 ? parts[1] : null);
    }
}
