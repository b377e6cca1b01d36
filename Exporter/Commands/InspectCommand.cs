using System.CommandLine;
using Factory.CommandLine;

namespace Factory.Exporter.Commands;

/// <summary><c>inspect</c>: what is in the graph?</summary>
public static class InspectCommand
{
    private static readonly ModelOption Model = new();

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON for machines instead of text." };

    public static Command Create()
    {
        var command = new Command("inspect", "Prints a bundle's inputs, outputs, initialisers (name, dtype, shape) and how many nodes of each operator it has.") { Model.Option, Json };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        GraphSummary summary = GraphSummary.Read(Model.Directory(parsed));
        Console.WriteLine(parsed.GetValue(Json) ? summary.ToJson() : summary.ToText());
        return 0;
    }
}
