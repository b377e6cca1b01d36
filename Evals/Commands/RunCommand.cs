using System.CommandLine;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Evals.Models;
using Factory.Evals.Reporting;

namespace Factory.Evals.Commands;

/// <summary>Evals run: score a model on tasks.</summary>
public static class RunCommand
{
    public static Command Create()
    {
        var backend = new BackendOptions();
        var questions = new TaskOptions();
        var chat = new ChatOptions();
        var tasks = new Option<string>("--tasks")
        {
            Description = "Tasks and groups, comma-separated; 'Evals tasks' lists them.",
            HelpName = "TASK,TASK",
            DefaultValueFactory = _ => string.Join(',', EvaluationTasks.Quickstart),
        };
        var output = new Option<string>("--output") { Description = "Report to write; what was found in every document goes beside it, as NAME.samples.jsonl.", HelpName = "FILE", DefaultValueFactory = _ => "report.json" };
        var samples = new Option<string?>("--log-samples") { Description = "Folder for every single answer, TASK.jsonl: one line a choice {doc, choice, logLikelihood, isGreedy}.", HelpName = "DIR" };
        var shard = new Option<string>("--shard") { Description = "Score only part i of n equal parts; 'Evals merge' puts the reports together.", HelpName = "i/n", DefaultValueFactory = _ => Shard.Whole.ToString() };
        var bootstrap = new Option<int>("--bootstrap-iterations")
        {
            Description = "Resamples behind the standard error of lambada_openai's perplexity; 0: none.",
            HelpName = "N",
            DefaultValueFactory = _ => 100_000,
        };
        var command = new Command("run", "Score a model on tasks; writes a report and prints it as a table.") { tasks, output, samples, shard, bootstrap };
        questions.AddTo(command);
        chat.AddTo(command);
        backend.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            EvaluationOptions options = questions.Read(parsed, parsed.GetRequiredValue(tasks)) with
            {
                Shard = Shard.Parse(parsed.GetRequiredValue(shard)),
                BootstrapIterations = parsed.GetValue(bootstrap),
                Format = await chat.ReadAsync(parsed, () => backend.FindChatTemplateAsync(parsed, cancellationToken)).ConfigureAwait(false),
            };
            string path = parsed.GetRequiredValue(output);
            string? log = parsed.GetValue(samples);
            // What is missing or cannot be written is said before hours of work.
            EvaluationPlan plan = EvaluationPlan.From(options);
            using ReportFiles files = ReportFiles.Create(path);
            if (log is not null)
            {
                OutputPath.RequireWritableFolder("log_samples", log);
            }
            using Backend opened = await backend.OpenAsync(parsed, cancellationToken).ConfigureAwait(false);
            EvaluationRun run = await RunAsync(opened.Model, plan, cancellationToken).ConfigureAwait(false);
            if (log is not null)
            {
                SampleLog.Write(log, run.Tasks);
            }
            files.Write(run.Report, run.Tasks.SelectMany(task => task.Documents.Select(document => SampleRow.From(task.Task.Task, document))));
            ResultConsole.Write(ReportTable.For(run.Report));
            Console.WriteLine($"Report: {path}. {Next(run.Report, path)}");
            return 0;
        });
        return command;
    }

    private static Task<EvaluationRun> RunAsync(ILanguageModel model, EvaluationPlan plan, CancellationToken cancellationToken) =>
        // The work runs off this thread, so that the bar is drawn meanwhile.
        ProgressBar.RunAsync("Scoring", plan.RequestCount, "questions", bar =>
            Task.Run(() => EvaluationRunner.RunAsync(model, plan, new BarProgress(bar), cancellationToken), cancellationToken));

    private static string Next(EvaluationReport report, string path) => report switch
    {
        { Shard: string } => "Score the other parts, then put them together: dotnet run -c Release --project Evals -- merge --inputs PART,PART --output report.json",
        { Data: EvaluationReport.SampleData } => "These are samples of a few rows; score the full sets with --data DIR ('dotnet run -c Release --project Evals -- tasks' lists the files).",
        _ => $"Show it beside the paper's tables: dotnet run -c Release --project Evals -- report --inputs {ShellWord.Quote(path)} --output report",
    };

    private sealed class BarProgress(ProgressBar bar) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => bar.Report(value.Done, value.Task);
    }
}
