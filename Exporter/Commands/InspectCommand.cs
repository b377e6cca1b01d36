using System.CommandLine;
using System.Text;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Exporter.Inspection;

namespace Factory.Exporter.Commands;

/// <summary><c>inspect</c>: what is in the graph?</summary>
public static class InspectCommand
{
    private static readonly ModelOption Model = new();

    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON for machines instead of text." };

    private static readonly Option<string?> Svg = new("--svg") { Description = "Also draw the first block into this file.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new Command("inspect", "Prints a bundle's inputs, outputs, initialisers (name, dtype, shape) and how many nodes of each operator it has, and each block's nodes, bytes and operations a token.") { Model.Option, Json, Svg };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string directory = Model.Directory(parsed);
        if (parsed.GetValue(Svg) is string svg)
        {
            AtomicFile.Write(svg, Encoding.UTF8.GetBytes(BlockDrawing.Draw(GraphSummary.ReadGraph(directory), "layers.0")));
        }
        GraphSummary summary = GraphSummary.Read(directory);
        Console.WriteLine(parsed.GetValue(Json) ? summary.ToJson() : summary.ToText());
        return 0;
    }
}
