using System.CommandLine;
using System.Globalization;
using Factory.CommandLine;
using Factory.Core;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Comparison;
using Factory.Trainer.Recipes;
using Factory.Trainer.Training;

namespace Factory.Trainer.Commands;

/// <summary><c>Trainer compare</c>: several methods, several seeds, fine-tuned and scored where that is asked for; tables and figures.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var recipe = RecipeOptions.ForPretraining("norm", "seed", "as_run");
        var tuning = RecipeOptions.ForTuningIn(TuningChoice.Name, "method", "seed");
        Option<string> methods = new("--methods") { Description = $"Methods to compare, with commas between them, or all: {string.Join(", ", NormSchemes.Names)}.", HelpName = "A,B,…", DefaultValueFactory = _ => "pre,lns" };
        Option<int> seeds = CheckedOption.Whole("--seeds", "Runs of each method, with the seeds 1, 2, …; those of one seed see the same data in the same order.", standard: 1, least: 1, most: 1000);
        Option<bool> asRun = new("--as-run") { Description = "Where the paper's authors ran something else under a method's name, train that." };
        Option<string?> data = new("--data") { Description = "Directory of tokens that 'tokenize' wrote. [default: the bundled corpus, tokenized first]", HelpName = "DIR" };
        Option<string> output = new("--output") { Description = "Directory of the comparison: a run a method and seed, compare.json, compare.md, figures.", HelpName = "DIR", DefaultValueFactory = _ => Path.Combine("runs", "compare") };
        Option<string[]> finetune = new("--finetune")
        {
            Description = "Instructions, as 'finetune --data' takes them: tunes every model on them too. Every setting of 'finetune' can be given with --finetune- in front, such as --finetune-epochs 1.",
            HelpName = "FILE|DIR",
            AllowMultipleArgumentsPerToken = true,
        };
        Option<string?> tunings = new($"--{TuningChoice.Name}-method")
        {
            Description = $"Ways to tune, with commas between them: {string.Join(", ", RecipeDefaults.TuningMethods)}. [default: that of --finetune-recipe: full, or lisa for paper-sft]",
            HelpName = "A,B,…",
        };
        Option<string?> evaluate = new("--evaluate")
        {
            Description = "Folder with the data of the paper's seven tasks, as 'Evals run --data' takes it: exports and scores every model, before and after tuning. [default: nothing is scored]",
            HelpName = "DIR",
        };
        Option<double?> limit = new("--evaluate-limit") { Description = "Only the first N documents of each task (of MMLU: of each subject), or below 1 that fraction of them. [default: all]", HelpName = "N" };
        Option<string> device = new("--device") { Description = "auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => "auto" };
        Option<int> threads = ThreadsOption.Create("CPU threads, 0 for one per core.");
        var command = new Command("compare", "Train several methods alike, tune and score them where that is asked for, and put the results into tables. Started again it goes on where it stopped; what is finished is not touched.")
        {
            methods, seeds, asRun, data, output, finetune, tunings, evaluate, limit, device, threads,
        };
        recipe.AddTo(command);
        tuning.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ComparisonConsole.RunAsync(
            new ComparisonRequest(
                [.. Methods(parsed.GetRequiredValue(methods)).Select(method => parsed.GetValue(asRun) ? NormSchemes.Find($"{method}-as-run")?.Name ?? method : method).Distinct()],
                parsed.GetValue(seeds),
                parsed.GetRequiredValue(output),
                new PretrainRequest(recipe.Given(parsed), parsed.GetValue(data), null, Resume: true, parsed.GetRequiredValue(device), parsed.GetValue(threads)),
                Tuning(parsed, parsed.GetValue(finetune) ?? [], parsed.GetValue(tunings), tuning),
                Scoring(parsed.GetValue(evaluate), parsed.GetValue(limit))),
            cancellationToken));
        return command;
    }

    private static IEnumerable<string> Methods(string text) => text == "all"
        ? NormSchemes.All.Where(scheme => scheme.IsInPaper && !scheme.Name.EndsWith("-as-run", StringComparison.Ordinal)).Select(scheme => scheme.Name)
        : Names("methods", text, NormSchemes.Names);

    /// <exception cref="SettingError">A name is none of those that are known.</exception>
    private static IEnumerable<string> Names(string setting, string text, IReadOnlyList<string> known) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).DefaultIfEmpty(text).Select(name => known.Contains(name)
            ? name
            : throw new SettingError(setting, $"expected some of {string.Join(", ", known)}, with commas between them, found '{name}'."));

    private static TuningChoice? Tuning(ParseResult parsed, string[] data, string? methods, RecipeOptions settings)
    {
        if (data.Length == 0)
        {
            return methods is null && settings.FirstGiven(parsed) is null
                ? null
                : throw new SettingError(TuningChoice.Name, $"expected instructions to tune on beside {settings.FirstGiven(parsed) ?? $"--{TuningChoice.Name}-method"}, found none.");
        }
        return TuningChoice.Named(() =>
        {
            // Without a word that of the recipe.
            string chosen = methods ?? RecipeSettings.Named("method").Text(Recipe.ResolveTuning(settings.Given(parsed), 1, Precision.Fp32, null));
            return new TuningChoice(data, [.. Names("method", chosen, RecipeDefaults.TuningMethods).Distinct().Select(method => (method, settings.Given(parsed, method)))]);
        });
    }

    private static ScoringChoice? Scoring(string? data, double? limit) => (data, limit) switch
    {
        (null, null) => null,
        (null, double beside) => throw new SettingError("evaluate", string.Create(CultureInfo.InvariantCulture, $"expected a folder of data beside --evaluate-limit {beside}, found none.")),
        (_, double none) when !(none > 0) => throw new SettingError("evaluate_limit", string.Create(CultureInfo.InvariantCulture, $"expected a number of documents, or a fraction of them below 1, found {none}.")),
        (string folder, _) => new ScoringChoice(folder, limit),
    };
}
