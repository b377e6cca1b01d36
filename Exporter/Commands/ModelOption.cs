using System.CommandLine;
using Factory.Core.Disk;

namespace Factory.Exporter.Commands;

/// <summary><c>--model</c>, the same for every verb that reads a bundle.</summary>
internal static class ModelOption
{
    public static Option<string?> Create() => new("--model") { Description = "A bundle directory. [default: the one that models/latest names]" };

    public static string Resolve(string? given) => given ?? LatestName.Read("models", "Export one with 'dotnet run -c Release --project Exporter', or name it with --model.");
}
