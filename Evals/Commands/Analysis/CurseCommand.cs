using System.CommandLine;
using System.Text;
using System.Text.Json;
using Factory.CommandLine;
using Factory.Core.Disk;
using Factory.Evals.Analysis;
using Factory.Evals.Pages;
using Factory.Plots;

namespace Factory.Evals.Commands.Analysis;

/// <summary>Evals analyze curse: all analyses of several bundles on one page, with what they say.</summary>
internal static class CurseCommand
{
    public static Command Create()
    {
        var options = new AnalysisOptions();
        var command = new Command("curse", "All analyses of several bundles on one page, with the reading: which blocks matter, how much variance grew. Models whose names differ in a seed only (lns-seed1, lns-seed2) are read together, with their spread.");
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            AnalysisJob job = options.Read(parsed);
            IReadOnlyList<ModelAnalysis> models = await job.RunAsync("Analysing", analyzer => Analyse(analyzer, job.Plan, cancellationToken), cancellationToken).ConfigureAwait(false);
            var report = new CurseReport(models, CurseReading.Read(models));
            AtomicFile.Write(Path.Combine(job.Output, "curse.json"), [.. JsonSerializer.SerializeToUtf8Bytes(report, AnalysisJson.Default.CurseReport), (byte)'\n']);
            string page = Path.Combine(job.Output, "index.html");
            AtomicFile.Write(page, Encoding.UTF8.GetBytes(Html.Page("The curse of depth", Body(job, report))));
            foreach (string sentence in report.Readings.SelectMany(reading => reading.Sentences()))
            {
                Console.WriteLine(sentence);
            }
            Console.WriteLine($"Page: {ShellWord.Quote(page)}. Numbers: {ShellWord.Quote(Path.Combine(job.Output, "curse.json"))}. Open the page in a browser.");
            return 0;
        });
        return command;
    }

    private static async Task<ModelAnalysis> Analyse(ModelAnalyzer analyzer, EvaluationPlan? plan, CancellationToken cancellationToken)
    {
        ModelAnalysis stream = analyzer.Stream(cancellationToken);
        ModelAnalysis pruned = analyzer.PruneLoss(greedy: false, cancellationToken);
        return stream with
        {
            Loss = pruned.Loss,
            LossWithoutBlock = pruned.LossWithoutBlock,
            Tasks = plan is null ? null : (await analyzer.PruneTasksAsync(plan, cancellationToken).ConfigureAwait(false)).Tasks,
        };
    }

    private static IEnumerable<string> Body(AnalysisJob job, CurseReport report)
    {
        IReadOnlyList<ModelAnalysis> models = report.Models;
        yield return Html.Paragraph("How much the residual stream grows over depth, how far blocks turn it, and what is lost without each block. Definitions: \"The Curse of Depth in Large Language Models\", arXiv 2502.05795.");
        yield return Html.Heading("Reading");
        yield return Html.Items(report.Readings.Select(reading => string.Join(" ", reading.Sentences())));
        yield return Html.Paragraph($"Measured over {models[0].Sequences} sequences, {models[0].Tokens} tokens of {models[0].Name}. A reading of small or briefly trained models says little about large ones.");
        yield return Html.Heading("Variance");
        yield return Draw(job, "variance", AnalysisFigures.Variance(models), "Variance of each block's output; bands are one sample deviation over seeds.");
        yield return Html.Heading("Angular distance");
        yield return Draw(job, "angular", AnalysisFigures.Angular(models), "Angle between the inputs of block l and block l + n, over π; the mean over seeds.");
        yield return Html.Heading("Without one block");
        yield return Draw(job, "prune", AnalysisFigures.LossDrop(models), "Change of the loss without each block.");
        foreach (PrunedTask task in models[0].Tasks ?? [])
        {
            yield return Draw(job, $"prune-{task.Name}", AnalysisFigures.ScoreDrop(models, task.Name), FormattableString.Invariant($"ΔP of {task.Name} ({task.N} documents) without each block."));
        }
        yield return Html.Heading("Models");
        yield return Html.Table("Bundles that were read", ["model", "method", "blocks", "loss", "bundle"], models.Select(model => new Html.Row(
            [new(model.Name), new(model.NormScheme), new($"{model.Blocks}"), new(FormattableString.Invariant($"{model.Loss:0.0000}")), new(model.BundleSha256[..12])])));
    }

    private static string Draw(AnalysisJob job, string name, Figure figure, string caption)
    {
        string png = job.Draw(name, figure);
        return Html.Figure(File.ReadAllText(Path.ChangeExtension(png, ".svg")), caption);
    }
}
