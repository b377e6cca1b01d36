using System.CommandLine;
using Factory.Core;

namespace Factory.Evals.Commands;

/// <summary>The option that names reports: several times, or comma-separated, or by patterns that the shell has not resolved.</summary>
internal static class ReportInputs
{
    public static Option<string[]> Option(string description) =>
        new("--inputs") { Description = description, HelpName = "FILE,FILE", Required = true, AllowMultipleArgumentsPerToken = true };

    /// <exception cref="SettingError">A pattern finds nothing.</exception>
    public static IReadOnlyList<string> Paths(ParseResult parsed, Option<string[]> option) =>
        [.. parsed.GetRequiredValue(option).SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).SelectMany(Expand).Distinct()];

    private static string[] Expand(string path)
    {
        string name = Path.GetFileName(path);
        if (File.Exists(path) || !name.AsSpan().ContainsAny('*', '?'))
        {
            return [path];
        }
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } directory ? directory : ".";
        string[] found = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, name).Order(StringComparer.Ordinal)] : [];
        return found.Length > 0 ? found : throw new SettingError("inputs", $"expected reports, found no file like {path}.");
    }
}
