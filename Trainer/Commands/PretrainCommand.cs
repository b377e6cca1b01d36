using System.CommandLine;
using System.Globalization;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Journal;
using Factory.Trainer.Training;
using Spectre.Console;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer pretrain</c>: tokens to a trained checkpoint.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var recipe = new RecipeOptions();
        Option<string?> data = new("--data") { Description = "Directory of tokens that 'tokenize' wrote. [default: the bundled corpus, tokenized first]", HelpName = "DIR" };
        Option<string?> output = new("--output") { Description = "Directory of the run. [default: runs/PRESET-NORM]", HelpName = "DIR" };
        Option<bool> resume = new("--resume")
        {
            Description = "Go on with the run in --output from its newest checkpoint (or start it, if there is none). Its recipe is remembered; one that contradicts it is refused. "
                + "With --steps a run of a wsd or constant schedule is made longer.",
        };
        Option<bool> dryRun = new("--dry-run") { Description = "Print the resolved recipe, the parameters, the memory and the tokens that it would take, and stop." };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<int> threads = ThreadsOption.Create("CPU threads, 0 for one per core. A resumed run repeats an uninterrupted one bit for bit with the same number.");
        Option<string?> maxTime = new("--max-time") { Description = "Save and stop after so long, such as 90m, 8h or 01:30:00; --resume goes on.", HelpName = "TIME" };
        var command = new Command("pretrain", "Train a LLaMA from scratch. Ctrl-C saves a checkpoint and stops; --resume goes on.") { data, output, resume, dryRun, device, threads, maxTime };
        recipe.AddTo(command);
        command.SetAction((parsed, stop) =>
        {
            var request = new PretrainRequest(
                recipe.Given(parsed), parsed.GetValue(data), parsed.GetValue(output), parsed.GetValue(resume), parsed.GetRequiredValue(device), parsed.GetValue(threads),
                parsed.GetValue(maxTime) is string time ? DurationText.Parse(time, "max_time") : null);
            return parsed.GetValue(dryRun) ? Task.FromResult(DryRun.Print(request)) : RunAsync(request, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(PretrainRequest request, CancellationToken stop)
    {
        TimeProvider clock = TimeProvider.System;
        using PretrainingRun run = PretrainingRun.Prepare(request, clock, Console.Error.WriteLine, stop);
        if (run.IsComplete)
        {
            Console.WriteLine($"The run in {run.Folder.Path} is complete ({run.Done} steps). Next: {ExportCommandLine(run)}");
            return 0;
        }
        var summary = new RunSummary(clock);
        RunEnd end = await ProgressBar.RunAsync(
            "training",
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
                        AnsiConsoleExtensions.WriteLine(Shell.ErrorConsole, line);
                    }
                }, stop),
                CancellationToken.None)).ConfigureAwait(false);
        Console.WriteLine(summary.Last);
        if (end is RunEnd.Stopped or RunEnd.TimeLimit)
        {
            Console.Error.WriteLine($"Stopped after {run.Done} of {run.Recipe.Schedule.Steps} steps; saved {run.Checkpoint}. "
                + $"Go on with: dotnet run -c Release --project Trainer -- pretrain --output {ShellWord.Quote(run.Folder.Path)} --resume");
            return end == RunEnd.Stopped ? 130 : 0;
        }
        Console.WriteLine($"Checkpoint: {run.Checkpoint}. Plots: dotnet run -c Release --project Trainer -- plot {ShellWord.Quote(run.Folder.Path)}");
        Console.WriteLine($"Next: {ExportCommandLine(run)}");
        return 0;
    }

    // A finished run is the one that the exporter takes by itself.
    private static string ExportCommandLine(PretrainingRun run) =>
        Path.GetFullPath(run.Folder.Path) == Path.GetFullPath(Path.Combine("runs", Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Folder.Path))))
            ? "dotnet run -c Release --project Exporter"
            : $"dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(run.Folder.Path)}";
}
