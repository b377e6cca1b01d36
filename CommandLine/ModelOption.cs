using System.CommandLine;
using Factory.Core.Disk;

namespace Factory.CommandLine;

/// <summary>The option <c>--model</c> of every command that reads a bundle.</summary>
public sealed class ModelOption
{
    private const string Cure = "Train and export one ('dotnet run -c Release --project Exporter'), or name a bundle: --model models/NAME.";

    public Option<string?> Option { get; } = new("--model") { Description = "Bundle directory that Exporter wrote. [default: the one that models/latest names]", HelpName = "models/NAME" };

    /// <summary>The bundle that was named, or the latest.</summary>
    /// <exception cref="Core.UserError">None was named and there is no latest.</exception>
    public string Directory(ParseResult parsed) => parsed.GetValue(Option) ?? LatestName.Read("models", Cure);
}
