using System.CommandLine;
using Factory.CommandLine;
using Factory.Evals.Analysis;

namespace Factory.Evals.Commands.Analysis;

/// <summary>Evals analyze: the paper's figures of any bundle.</summary>
public static class AnalyzeCommand
{
    public static Command Create() => new("analyze", "What each block of a model does: variance over depth, angular distances, pruning. Each analysis writes JSON and figures.")
    {
        Variance(),
        Angular(),
        Prune(),
        CurseCommand.Create(),
    };

    private static Command Variance() => Create("variance", "Variance and mean square of every block's output (the residual stream).", async (job, _, cancellationToken) =>
    {
        IReadOnlyList<ModelAnalysis> models = await job.RunAsync("Measuring", analyzer => Task.FromResult(analyzer.Stream(cancellationToken)), cancellationToken).ConfigureAwait(false);
        job.Write("variance.json", [.. models.Select(model => model with { CosineInputOutputMean = null, AngularDistanceMean = null, AngularDistanceLastToken = null })]);
        string figure = job.Draw("variance", AnalysisFigures.Variance(models));
        Say(job, "variance.json", figure, "angular");
    });

    private static Command Angular() => Create("angular", "Angular distances between the inputs of blocks l and l + n, as heat maps side by side; cosines between each block's input and output.", async (job, _, cancellationToken) =>
    {
        IReadOnlyList<ModelAnalysis> models = await job.RunAsync("Measuring", analyzer => Task.FromResult(analyzer.Stream(cancellationToken)), cancellationToken).ConfigureAwait(false);
        job.Write("angular.json", [.. models.Select(model => model with { BlockOutputMean = null, BlockOutputMeanSquare = null, BlockOutputVariance = null })]);
        string figure = job.Draw("angular", AnalysisFigures.Angular(models));
        Say(job, "angular.json", figure, "prune");
    });

    private static Command Prune()
    {
        var greedy = new Option<bool>("--greedy") { Description = "Also remove blocks one after another, each time the one whose absence costs least. Takes blocks² / 2 passes." };
        Command command = Create("prune", "What is lost without each block: the score of --tasks, else the loss. All other blocks stay as trained.", async (job, parsed, cancellationToken) =>
        {
            bool oneAfterAnother = parsed.GetValue(greedy);
            if (job.Plan is not null && oneAfterAnother)
            {
                throw new Core.SettingError("greedy", "expected a text or ids, as blocks are removed one after another by their loss, found tasks.");
            }
            IReadOnlyList<ModelAnalysis> models = await job.RunAsync(
                "Pruning",
                analyzer => job.Plan is EvaluationPlan plan ? analyzer.PruneTasksAsync(plan, cancellationToken) : Task.FromResult(analyzer.PruneLoss(oneAfterAnother, cancellationToken)),
                cancellationToken).ConfigureAwait(false);
            job.Write("prune.json", models);
            var figures = new List<string>();
            if (job.Plan is null)
            {
                figures.Add(job.Draw("prune", AnalysisFigures.LossDrop(models)));
            }
            else
            {
                figures.AddRange(models[0].Tasks!.Select(task => job.Draw($"prune-{task.Name}", AnalysisFigures.ScoreDrop(models, task.Name))));
            }
            if (oneAfterAnother)
            {
                figures.Add(job.Draw("prune-greedy", AnalysisFigures.Greedy(models)));
            }
            Say(job, "prune.json", string.Join(" ", figures), "curse");
        });
        command.Options.Add(greedy);
        return command;
    }

    private static Command Create(string name, string description, Func<AnalysisJob, ParseResult, CancellationToken, Task> run)
    {
        var options = new AnalysisOptions();
        var command = new Command(name, description);
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await run(options.Read(parsed), parsed, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static void Say(AnalysisJob job, string json, string figures, string next) => Console.WriteLine(
        $"Numbers: {ShellWord.Quote(Path.Combine(job.Output, json))}. Figures: {figures}. Next: dotnet run -c Release --project Evals -- analyze {next} --model {ShellWord.Quote(string.Join(',', job.Targets.Select(target => target.Bundle.Directory)))} --output {ShellWord.Quote(job.Output)}");
}
