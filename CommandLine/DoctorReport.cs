using Factory.Core.Machine;
using Spectre.Console;

namespace Factory.CommandLine;

/// <summary>Prints what a <c>doctor</c> verb found: a table on stdout, and below it what to do about what is missing.</summary>
public static class DoctorReport
{
    /// <summary>Columns when stdout is a file or a pipe, where there is no terminal to ask.</summary>
    private const int PlainWidth = 1000;

    /// <returns>The exit code: 0, or 2 when a finding says that the program cannot work.</returns>
    public static int Print(IReadOnlyList<Finding> findings)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PlainWidth;
        }
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap());
        grid.AddColumn(new GridColumn());
        foreach (Finding finding in findings)
        {
            string style = finding.Fails ? "red" : finding.Advice is null ? "green" : "yellow";
            grid.AddRow(new Markup(Markup.Escape(finding.Subject), Style.Parse(style)), new Spectre.Console.Text(finding.Found));
        }
        console.Write(grid);
        foreach (Finding finding in findings.Where(finding => finding.Advice is not null))
        {
            Console.WriteLine($"{finding.Subject}: {finding.Advice}");
        }
        return findings.Any(finding => finding.Fails) ? 2 : 0;
    }
}
