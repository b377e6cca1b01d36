using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Evals.Reporting;
using Factory.Runtime;

namespace Factory.Evals.Commands;

/// <summary>Evals run: score a bundle on tasks.</summary>
public static class RunCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        var tasks = new Option<string>("--tasks")
        {
            Description = "Tasks and groups, comma-separated; 'Evals tasks' lists them.",
            HelpName = "TASK,TASK",
            DefaultValueFactory = _ => string.Join(',', EvaluationTasks.Quickstart),
        };
        Option<string?> data = TaskOptions.Data();
        Option<int?> shots = TaskOptions.NumFewshot();
        Option<int?> limit = TaskOptions.Limit();
        Option<string?> text = TaskOptions.Text();
        var output = new Option<string>("--output") { Description = "Report to write.", HelpName = "FILE", DefaultValueFactory = _ => "report.json" };
        var samples = new Option<string?>("--log-samples") { Description = "Folder for every single answer, TASK.jsonl: one line a choice {doc, choice, logLikelihood, isGreedy}.", HelpName = "DIR" };
        var bootstrap = new Option<int>("--bootstrap-iterations")
        {
            Description = "Resamples behind the standard error of lambada_openai's perplexity; 0: none.",
            HelpName = "N",
            DefaultValueFactory = _ => 100_000,
        };
        var command = new Command("run", "Score a model on tasks; writes a report and prints it as a table.") { tasks, data, shots, limit, text, output, samples, bootstrap };
        model.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = new EvaluationOptions
            {
                Tasks = parsed.GetRequiredValue(tasks).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                DataDirectory = parsed.GetValue(data),
                NumFewshot = parsed.GetValue(shots),
                Limit = parsed.GetValue(limit),
                TextFile = parsed.GetValue(text),
                SampleDirectory = parsed.GetValue(samples),
                BootstrapIterations = parsed.GetValue(bootstrap),
            };
            string path = parsed.GetRequiredValue(output);
            EvaluationPlan plan = EvaluationPlan.Of(options);
            if (options.SampleDirectory is string folder)
            {
                OutputPath.RequireWritableFolder("log_samples", folder);
            }
            // Started before hours of scoring, so that a place that cannot be written to is named now.
            using AtomicFile file = OpenReport(path);
            using LanguageModel loaded = model.Load(parsed);
            EvaluationReport report = await RunAsync(new RuntimeLanguageModel(loaded), plan, cancellation).ConfigureAwait(false);
            file.Stream.Write(report.ToJson());
            file.Commit();
            ResultConsole.Write(ReportTable.Of(report));
            Console.WriteLine(report.Data == EvaluationReport.SampleData
                ? $"Report: {path}. These are samples of a few rows; score the full sets with --data DIR ('dotnet run -c Release --project Evals -- tasks' lists the files)."
                : $"Report: {path}. Serve the model: dotnet run -c Release --project InferenceApi -- --model {ShellWord.Quote(loaded.Bundle.Directory)}");
            return 0;
        });
        return command;
    }

    private static AtomicFile OpenReport(string path)
    {
        try
        {
            return AtomicFile.Create(path);
        }
        catch (UserError error)
        {
            throw new SettingError("output", error.Message, error);
        }
    }

    private static Task<EvaluationReport> RunAsync(ILanguageModel model, EvaluationPlan plan, CancellationToken cancellation) =>
        // The work runs off this thread, so that the bar is drawn meanwhile.
        ProgressBar.RunAsync("Scoring", plan.RequestCount, "questions", bar =>
            Task.Run(() => EvaluationRunner.Run(model, plan, new BarProgress(bar), cancellation), cancellation));

    private sealed class BarProgress(ProgressBar bar) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => bar.Report(value.Done, value.Task);
    }
}
