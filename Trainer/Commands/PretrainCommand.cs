using System.CommandLine;
using Factory.CommandLine;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer pretrain</c>: tokens to a trained checkpoint.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var options = new PretrainOptions();
        Option<string?> data = new("--data") { Description = "Directory of tokens that 'tokenize' wrote. [default: the bundled corpus, tokenized first]" };
        Option<string?> output = new("--output") { Description = "Directory of the run. [default: runs/PRESET-NORM]" };
        Option<bool> resume = new("--resume") { Description = "Go on with the run in --output from its newest checkpoint (or start it, if there is none). Its options are remembered." };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<int> threads = ThreadsOption.Create("CPU threads, 0 for one per core. A resumed run repeats an uninterrupted one bit for bit with the same number.");
        var command = new Command("pretrain", "Train a LLaMA from scratch. Ctrl-C saves a checkpoint and stops; --resume goes on.") { data, output, resume, device, threads };
        options.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(
            new PretrainRequest(
                options.Given(parsed), parsed.GetValue(data), parsed.GetValue(output), parsed.GetValue(resume), parsed.GetRequiredValue(device), parsed.GetValue(threads)),
            stop));
        return command;
    }

    private static async Task<int> RunAsync(PretrainRequest request, CancellationToken stop)
    {
        TimeProvider clock = TimeProvider.System;
        using PretrainingRun run = PretrainingRun.Prepare(request, clock, Console.Error.WriteLine, stop);
        if (run.IsComplete)
        {
            Console.WriteLine($"The run in {run.Folder.Path} is complete ({run.Options.Steps} steps). Next: {ExportCommandLine(run)}");
            return 0;
        }
        string checkpoint = await ProgressBar.RunAsync("training", run.Options.Steps, "steps", bar => Task.Run(() => run.Train(clock, Report(bar), stop), CancellationToken.None)).ConfigureAwait(false);
        if (!run.IsComplete)
        {
            Console.Error.WriteLine($"Stopped after {run.Done} of {run.Options.Steps} steps; saved {checkpoint}. "
                + $"Go on with: dotnet run -c Release --project Trainer -- pretrain --output {ShellWord.Quote(run.Folder.Path)} --resume");
            return 130;
        }
        Console.WriteLine($"Checkpoint: {checkpoint}. Next: {ExportCommandLine(run)}");
        return 0;
    }

    private static Action<long, StepReport, double> Report(ProgressBar bar) =>
        (done, report, tokensPerSecond) => bar.Report(done, FormattableString.Invariant($"loss {report.Loss:0.000}  {tokensPerSecond:#,0} tok/s"));

    // A finished run is the one that the exporter takes by itself.
    private static string ExportCommandLine(PretrainingRun run) =>
        Path.GetFullPath(run.Folder.Path) == Path.GetFullPath(Path.Combine("runs", Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Folder.Path))))
            ? "dotnet run -c Release --project Exporter"
            : $"dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(run.Folder.Path)}";
}
