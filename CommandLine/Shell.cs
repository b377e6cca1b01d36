using System.CommandLine;
using System.Runtime.InteropServices;
using Factory.Core;
using Spectre.Console;

namespace Factory.CommandLine;

/// <summary>
/// How every Factory executable ends: 0 done, 1 a bug (with its stack trace), 2 a user's mistake or a disk that does not do what it should (one
/// line on stderr), 130 stopped by Ctrl-C, SIGTERM or a closed terminal.
/// </summary>
public static class Shell
{
    /// <summary>A console for progress bars and tables. It writes to stderr, so that stdout holds results only.</summary>
    public static IAnsiConsole ErrorConsole { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>A line above a progress bar, if there is one. In a file or a pipe it is never wrapped.</summary>
    public static void WriteLine(string line)
    {
        if (Console.IsErrorRedirected)
        {
            Console.Error.WriteLine(line);
        }
        else
        {
            AnsiConsoleExtensions.WriteLine(ErrorConsole, line);
        }
    }

    private static PosixSignal[] StopSignals { get; } = OperatingSystem.IsWindows() ? [PosixSignal.SIGINT, PosixSignal.SIGTERM] : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        ParseResult parsed = root.Parse(arguments);
        if (ParseProblem.All(parsed) is { Count: > 0 } problems)
        {
            Console.Error.WriteLine($"{string.Join(" ", problems)} See --help.");
            return 2;
        }
        using var stop = new CancellationTokenSource();
        // Before the command starts: System.CommandLine would do it after the command's first await.
        PosixSignalRegistration[] signals = [.. StopSignals.Select(signal => PosixSignalRegistration.Create(signal, context => Stop(context, stop)))];
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(configuration, stop.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (Sentence(error) is string sentence)
        {
            Console.Error.WriteLine(sentence);
            return 2;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return 130;
        }
        finally
        {
            Array.ForEach(signals, signal => signal.Dispose());
        }
    }

    /// <summary>Asks the command to end in its own way; a second Ctrl-C does not wait for it.</summary>
    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        if (context.Signal == PosixSignal.SIGINT && stop.IsCancellationRequested)
        {
            return;
        }
        context.Cancel = true;
        stop.Cancel();
    }

    /// <summary>The line that says what went wrong; null for what only a programmer can mend.</summary>
    private static string? Sentence(Exception error) => error switch
    {
        SettingError setting => $"--{setting.Setting.Replace('_', '-')}: {setting.Problem}",
        UserError => error.Message,
        IOException or UnauthorizedAccessException when error.TargetSite?.Module.Assembly == typeof(Console).Assembly => $"Standard output: expected to write there, found: {OneLine(error)} Files that were finished before are whole.",
        // What was being written has a name of its own until it is whole.
        IOException disk when IsDiskFull(disk) => $"The disk is full: {OneLine(error)} Nothing half-written was kept; make room and run the command again.",
        // .NET's answer to EFBIG, a file larger than the file system or the user's limit allows.
        IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { TargetSite.DeclaringType.FullName: "System.IO.RandomAccess" } => $"Could not read or write: {OneLine(error)} Nothing half-written was kept; see to the disk or the rights there and run the command again.",
        AggregateException all => all.Flatten().InnerExceptions.Select(Sentence).FirstOrDefault(sentence => sentence is not null),
        _ => null,
    };

    private static string OneLine(Exception error) => error.Message.ReplaceLineEndings(" ");

    private static bool IsDiskFull(IOException error) => (error.HResult & 0xFFFF) is 28 or 112 or 39;
}
