using System.CommandLine;
using Factory.Core;
using Spectre.Console;

namespace Factory.CommandLine;

/// <summary>
/// How every Factory executable ends: 0 done, 1 a bug (with its stack trace), 2 a user's mistake (one line on stderr), 130 Ctrl-C.
/// </summary>
public static class Shell
{
    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            Console.Error.WriteLine($"{string.Join(" ", parsed.Errors.Select(error => error.Message))} See --help.");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Timeout.InfiniteTimeSpan }).ConfigureAwait(false);
        }
        catch (SettingError error)
        {
            Console.Error.WriteLine($"--{error.Setting.Replace('_', '-')}: {error.Problem}");
            return 2;
        }
        catch (UserError error)
        {
            Console.Error.WriteLine(error.Message);
            return 2;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return 130;
        }
        catch (IOException error) when (IsDiskFull(error))
        {
            Console.Error.WriteLine($"The disk is full: {error.Message} Nothing half-written was kept; make room and run the command again.");
            return 2;
        }
    }

    /// <summary>A console for progress bars and tables. It writes to stderr, so that stdout holds results only.</summary>
    public static IAnsiConsole ErrorConsole { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    private static bool IsDiskFull(IOException error) => (error.HResult & 0xFFFF) is 28 or 112 or 39;
}
