using Factory.CommandLine;
using Factory.Core.Journal;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary>Trains a run with a progress bar, and says at the end where its result is and what to do next.</summary>
internal static class RunConsole
{
    /// <param name="prepare">Makes the run ready, with a line to say what was taken.</param>
    /// <param name="title">What is being done.</param>
    /// <param name="again">The command that goes on with it, without --output and --resume.</param>
    /// <returns>The exit code: 0 where it ended or its time was over, 130 where it was stopped.</returns>
    public static async Task<int> TrainAsync(Func<Action<string>, TrainingRun> prepare, string title, string again, CancellationToken cancellationToken)
    {
        TimeProvider clock = TimeProvider.System;
        using TrainingRun run = prepare(Console.Error.WriteLine);
        if (run.IsComplete)
        {
            Console.WriteLine($"The run in {run.Folder.Path} is complete ({run.Done} steps). Next: {ExportCommandLine(run)}");
            return 0;
        }
        var summary = new RunSummary(clock);
        RunEnd end = await ProgressBar.RunAsync(
            title,
            run.Recipe.Schedule.Steps,
            "steps",
            bar => Task.Run(
                () => run.Train(clock, record =>
                {
                    summary.Add(record);
                    if (record is StepRecord step)
                    {
                        bar.Report(step.Step, summary.Note);
                    }
                    else if (RunSummary.LineOf(record) is string line)
                    {
                        Shell.WriteLine(line);
                    }
                }, cancellationToken),
                CancellationToken.None)).ConfigureAwait(false);
        Console.WriteLine(summary.Last);
        if (end is RunEnd.Stopped or RunEnd.TimeLimit)
        {
            Console.Error.WriteLine($"Stopped after {run.Done} of {run.Recipe.Schedule.Steps} steps; saved {run.Checkpoint}. "
                + $"Go on with: dotnet run -c Release --project Trainer -- {again} --output {ShellWord.Quote(run.Folder.Path)} --resume");
            return end == RunEnd.Stopped ? 130 : 0;
        }
        Console.WriteLine($"Checkpoint: {run.Checkpoint}. Plots: dotnet run -c Release --project Trainer -- plot {ShellWord.Quote(run.Folder.Path)}");
        Console.WriteLine($"Next: {ExportCommandLine(run)}");
        return 0;
    }

    // A finished run is the one that the exporter takes by itself.
    private static string ExportCommandLine(TrainingRun run) =>
        Path.GetFullPath(run.Folder.Path) == Path.GetFullPath(Path.Combine("runs", Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Folder.Path))))
            ? "dotnet run -c Release --project Exporter"
            : $"dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(run.Folder.Path)}";
}
