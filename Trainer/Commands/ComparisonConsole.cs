using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Disk;
using Factory.Core.Journal;
using Factory.Trainer.Comparison;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary>
/// Takes a comparison through its stages, each so far as it is not finished:
/// <code>
/// all checks ─► each model is trained ─► each is tuned in each way ─► each is exported and scored ─► tables, figures
///                    └──────────────── compare.json and compare.md after every one ────────────────┘
/// </code>
/// </summary>
internal static class ComparisonConsole
{
    /// <returns>The exit code: 0, or 130 where it was stopped.</returns>
    public static async Task<int> RunAsync(ComparisonRequest request, CancellationToken cancellationToken)
    {
        string folder = request.Folder;
        OutputPath.RequireWritableFolder("output", folder);
        using WriterLock held = WriterLock.TryTake(folder, "compare") ?? throw new UserError($"{folder}: expected a comparison that no other process works on, found one at it. Wait for that to end, or choose another directory with --output.");
        var plan = new ComparisonPlan(request, Console.Error.WriteLine, cancellationToken);
        if (plan.Scoring is not null)
        {
            await plan.Scoring.RequireDataAsync(cancellationToken).ConfigureAwait(false);
        }
        foreach ((int index, IComparisonRun run) in plan.Runs.Index())
        {
            if (!run.IsFinished && !await TrainAsync(run, $"{index + 1}/{plan.Runs.Count} {run.Title}", cancellationToken).ConfigureAwait(false))
            {
                Console.Error.WriteLine($"Stopped in {run.Folder}. Go on with the same command; what is finished is kept.");
                return 130;
            }
            plan.Report().Write(folder);
        }
        if (plan.Scoring is ModelScoring scoring)
        {
            await ScoreAsync(plan, scoring, folder, cancellationToken).ConfigureAwait(false);
        }
        ComparisonReport report = plan.Report();
        ComparisonFigures.Write(folder, report);
        Console.WriteLine(ComparisonTable.Of(report));
        Console.WriteLine($"{Path.Combine(folder, ComparisonReport.FileName)}, {ComparisonReport.TableName} and figures (*.png, *.svg) are in {folder}. {Next(plan)}");
        return 0;
    }

    private static string Next(ComparisonPlan plan) => plan.Scoring is ModelScoring scoring
        ? $"Beside the paper's tables: open {ShellWord.Quote(scoring.Page)} in a browser."
        : $"Next: export one, dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(plan.Runs[0].Folder)}"
            + (plan.IsTuning ? ", or export and score all, the same command with --evaluate DIR" : "");

    private static async Task ScoreAsync(ComparisonPlan plan, ModelScoring scoring, string folder, CancellationToken cancellationToken)
    {
        string[] names = [.. plan.Names];
        foreach ((int index, string name) in names.Index())
        {
            Console.Error.WriteLine($"scoring {index + 1}/{names.Length}: {name}");
            await scoring.ScoreAsync(name, cancellationToken).ConfigureAwait(false);
            plan.Report().Write(folder);
        }
        await scoring.WritePageAsync(names, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Whether the run came to an end: trained to it, or diverged.</returns>
    private static async Task<bool> TrainAsync(IComparisonRun comparisonRun, string title, CancellationToken cancellationToken)
    {
        TimeProvider clock = TimeProvider.System;
        var summary = new RunSummary(clock);
        using (TrainingRun run = comparisonRun.Prepare(Console.Error.WriteLine, cancellationToken))
        {
            try
            {
                RunEnd end = await ProgressBar.RunAsync(title, run.Recipe.Schedule.Steps, "steps", bar => Task.Run(
                    () => run.Train(clock, record =>
                    {
                        summary.Add(record);
                        if (record is StepRecord step)
                        {
                            bar.Report(step.Step, $"{title} {summary.Note}");
                        }
                    }, cancellationToken),
                    CancellationToken.None)).ConfigureAwait(false);
                Console.Error.WriteLine($"{title}: {summary.Last}");
                if (end == RunEnd.Stopped)
                {
                    return false;
                }
            }
            catch (DivergedError diverged)
            {
                Console.Error.WriteLine($"{title}: {diverged.Message}");
            }
        }
        comparisonRun.Read();
        return true;
    }
}
