using System.CommandLine;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Architecture.Methods;
using Factory.Core.Disk;
using Factory.Core.Journal;
using Factory.Trainer.Comparison;
using Factory.Trainer.LibTorch;
using Factory.Trainer.Recipes;
using Factory.Trainer.Tokens;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer compare</c>: several methods, several seeds, one table.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var recipe = RecipeOptions.ForPretraining("norm", "seed", "as_run");
        Option<string> methods = new("--methods") { Description = $"Methods to compare, with commas between them, or all: {string.Join(", ", NormSchemes.Names)}.", HelpName = "A,B,…", DefaultValueFactory = _ => "pre,lns" };
        Option<int> seeds = CheckedOption.Whole("--seeds", "Runs of each method, with the seeds 1, 2, …; those of one seed see the same data in the same order.", standard: 1, least: 1, most: 1000);
        Option<bool> asRun = new("--as-run") { Description = "Where the paper's authors ran something else under a method's name, train that." };
        Option<string?> data = new("--data") { Description = "Directory of tokens that 'tokenize' wrote. [default: the bundled corpus, tokenized first]", HelpName = "DIR" };
        Option<string> output = new("--output") { Description = "Directory of the comparison: a run a method and seed, compare.json, compare.md, figures.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("runs", "compare") };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<int> threads = ThreadsOption.Create("CPU threads, 0 for one per core.");
        var command = new Command("compare", "Train several methods alike and put their perplexities into one table. Started again it goes on where it stopped; runs that are finished are not touched.")
        {
            methods, seeds, asRun, data, output, device, threads,
        };
        recipe.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(
            recipe.Given(parsed),
            [.. Methods(parsed.GetRequiredValue(methods)).Select(method => parsed.GetValue(asRun) ? NormSchemes.Find($"{method}-as-run")?.Name ?? method : method).Distinct()],
            parsed.GetValue(seeds),
            new PretrainRequest(new RecipeChanges(), parsed.GetValue(data), parsed.GetRequiredValue(output), Resume: true, parsed.GetRequiredValue(device), parsed.GetValue(threads)),
            cancellationToken));
        return command;
    }

    private static IEnumerable<string> Methods(string text) => text == "all"
        ? NormSchemes.All.Where(scheme => scheme.IsInPaper && !scheme.Name.EndsWith("-as-run", StringComparison.Ordinal)).Select(scheme => scheme.Name)
        : text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty(text).Select(Known);

    /// <exception cref="SettingError">There is no such method.</exception>
    private static string Known(string method) => NormSchemes.Names.Contains(method)
        ? method
        : throw new SettingError("methods", $"expected some of {string.Join(", ", NormSchemes.Names)}, with commas between them, found '{method}'.");

    private static async Task<int> RunAsync(RecipeChanges given, IReadOnlyList<string> methods, int seeds, PretrainRequest request, CancellationToken cancellationToken)
    {
        string folder = request.Output!;
        OutputPath.RequireWritableFolder("output", folder);
        using WriterLock held = WriterLock.TryTake(folder, "compare") ?? throw new UserError($"{folder}: expected a comparison that no other process works on, found one at it. Wait for that to end, or choose another directory with --output.");
        ComparisonArm[] arms = [.. from seed in Enumerable.Range(1, seeds)
                                   from method in methods
                                   select new ComparisonArm(
                                       method, (ulong)seed, given.With(new RecipeChanges().Set("norm", method).Set("seed", $"{seed}")), Path.Combine(folder, $"{method}-seed{seed}"))];
        // All arms compute alike, also when the comparison goes on in another process: what the machine chose for the first stands.
        DeviceChoice device = ComputeDevice.Choose(request.Device, request.Threads);
        RunRecipe machine = arms.Select(arm => RunOrigin.FromJournal(arm.Folder)).OfType<RunOrigin>().FirstOrDefault()?.Recipe.Run ?? Chosen(MachineChoice.On(device.Device));
        Recipe[] recipes = [.. arms.Select(arm => Recipe.Resolve(arm.Given, machine.Precision, machine.Kernels))];
        double unigram;
        using (TokenDataset tokens = TrainingData.Open(request.Data, null, Console.Error.WriteLine, cancellationToken))
        {
            unigram = UnigramPerplexity.Measure(tokens.Validation, tokens.Tokenizer.VocabularySize, recipes[0].Run.EvalTokens);
        }
        for (int i = 0; i < arms.Length; i++)
        {
            if (arms[i].Finished(recipes[i], folder, unigram) is null && !await TrainAsync(arms[i], recipes[i], request, $"{i + 1}/{arms.Length} {arms[i].Method} {arms[i].Seed}", cancellationToken).ConfigureAwait(false))
            {
                Console.Error.WriteLine($"Stopped in {arms[i].Folder}. Go on with the same command; finished runs are kept.");
                return 130;
            }
            Report().Write(folder);
        }
        ComparisonReport report = Report();
        ComparisonFigures.Write(folder, report);
        Console.WriteLine(report.Table());
        Console.WriteLine($"{Path.Combine(folder, ComparisonReport.FileName)}, {ComparisonReport.TableName} and figures (*.png, *.svg) are in {folder}. Next: export one, "
            + $"dotnet run -c Release --project Exporter -- --checkpoint {ShellWord.Quote(arms[0].Folder)}");
        return 0;

        ComparisonReport Report() =>
            ComparisonReport.From(unigram, [.. arms.Zip(recipes).Select(arm => arm.First.Finished(arm.Second, folder, unigram)).OfType<ArmResult>()
                .OrderBy(arm => methods.ToList().IndexOf(arm.Method))]);
    }

    private static RunRecipe Chosen(MachineChoice machine) => RecipeDefaults.For(RecipeDefaults.Modern, RecipeDefaults.Preset, machine.Precision, machine.Kernels).Run;

    /// <returns>Whether the run came to an end: trained to it, or diverged.</returns>
    private static async Task<bool> TrainAsync(ComparisonArm arm, Recipe recipe, PretrainRequest request, string title, CancellationToken cancellationToken)
    {
        TimeProvider clock = TimeProvider.System;
        RecipeChanges given = arm.Given.With(new RecipeChanges().Set("precision", RecipeSettings.Named("precision").Text(recipe)).Set("kernels", recipe.Run.Kernels));
        using TrainingRun run = Pretraining.Prepare(request with { Given = given, Output = arm.Folder }, clock, Console.Error.WriteLine, cancellationToken);
        var summary = new RunSummary(clock);
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
            return end != RunEnd.Stopped;
        }
        catch (DivergedError diverged)
        {
            Console.Error.WriteLine($"{title}: {diverged.Message}");
            return true;
        }
    }
}
