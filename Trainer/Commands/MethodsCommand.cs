using System.CommandLine;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Spectre.Console;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer methods</c>: which normalization methods there are.</summary>
internal static class MethodsCommand
{
    public static Command Create()
    {
        Option<bool> markdown = new("--markdown") { Description = "Print docs/methods.md instead: equations, constants, parameters, folds, drawings, sources." };
        var command = new Command("methods", "List the normalization methods that pretrain --norm takes.") { markdown };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown))
            {
                Console.Out.Write(MethodsPage.ToMarkdown());
                return 0;
            }
            var table = new Table().AddColumns("--norm", "method", "equation", "start");
            foreach (NormScheme scheme in NormSchemes.All)
            {
                table.AddRow(Markup.Escape(scheme.Name), Markup.Escape(scheme.Title), Markup.Escape(scheme.Equation), Markup.Escape(scheme.Constants));
            }
            AnsiConsole.Write(table);
            Console.WriteLine("Train one with: dotnet run -c Release --project Trainer -- pretrain --norm NAME. More: --markdown, or docs/methods.md.");
            return 0;
        });
        return command;
    }
}
