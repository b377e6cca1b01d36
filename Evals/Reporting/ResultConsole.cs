using Spectre.Console;
using Spectre.Console.Rendering;

namespace Factory.Evals.Reporting;

/// <summary>Tables on stdout. Into a file or a pipe they go unwrapped, whatever the terminal's width.</summary>
internal static class ResultConsole
{
    private const int PipeWidth = 200;

    public static void Write(IRenderable content)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PipeWidth;
        }
        console.Write(content);
    }
}
