using System.CommandLine;
using Factory.Core.Architecture;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Commands;

/// <summary>The options of a recipe, one for each of its settings, and <c>--config</c>. What is given neither there nor here comes from the recipe and preset, or from the resumed run.</summary>
internal sealed class RecipeOptions
{
    private readonly Option<string?> _config = new("--config") { Description = "JSON file with settings of the recipe, as 'pretrain --dry-run' prints it. Options of the command line come over it.", HelpName = "FILE" };

    private readonly List<(Setting Setting, Option Option, Func<ParseResult, string> Read)> _options;

    private RecipeOptions(IEnumerable<Setting> settings, Func<Setting, string> standard) => _options = [.. settings.Select(setting => Create(setting, standard(setting)))];

    /// <summary>Those of training from scratch.</summary>
    /// <param name="except">Settings that the command decides itself.</param>
    public static RecipeOptions ForPretraining(params string[] except) =>
        new(RecipeSettings.All.Where(setting => setting.Section != RecipeSettings.Tuning && !except.Contains(setting.Name)), Default);

    /// <summary>Those of fine-tuning: the model is there, and a row is a row of the data.</summary>
    public static RecipeOptions ForTuning() =>
        new(RecipeSettings.All.Where(setting => setting.Section != RecipeSettings.Model && setting.Name != "rows"), TuningDefault);

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        foreach ((_, Option option, _) in _options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The values that were given: the file's, with the command line's over them.</summary>
    /// <exception cref="Core.UserError">The file cannot be read, or a value is none.</exception>
    public RecipeChanges Given(ParseResult parsed)
    {
        var given = new RecipeChanges();
        foreach ((Setting setting, Option option, Func<ParseResult, string> read) in _options)
        {
            if (parsed.GetResult(option) is not null)
            {
                given.SetText(setting, read(parsed));
            }
        }
        return parsed.GetValue(_config) is string file ? RecipeJson.ReadFile(file).With(given) : given;
    }

    private static (Setting Setting, Option Option, Func<ParseResult, string> Read) Create(Setting setting, string standard)
    {
        string name = $"--{setting.Name.Replace('_', '-')}";
        string description = $"{(setting.Name == "recipe" && standard == RecipeDefaults.InstructionTuning ? TuningRecipes : setting.Help)} [default: {standard}]";
        if (setting.Kind == System.Text.Json.JsonValueKind.True)
        {
            var flag = new Option<bool>(name) { Description = description };
            return (setting, flag, parsed => parsed.GetValue(flag) ? "true" : "false");
        }
        var option = new Option<string>(name) { Description = description, HelpName = setting.Kind == System.Text.Json.JsonValueKind.Number ? "N" : "NAME" };
        return (setting, option, parsed => parsed.GetRequiredValue(option));
    }

    /// <summary>The default of the modern recipe, and of the paper's where it differs.</summary>
    private static string Default(Setting setting)
    {
        if (setting.HasAuto)
        {
            return Setting.Auto;
        }
        string[] modern = [.. Preset.All.Select(preset => setting.Text(RecipeDefaults.For(RecipeDefaults.Modern, preset.Name, Precision.Fp32)))];
        string[] paper = [.. Preset.All.Select(preset => setting.Text(RecipeDefaults.For(RecipeDefaults.Paper, preset.Name, Precision.Fp32)))];
        string standard = setting.Name is "recipe" or "preset" || modern.Distinct().Count() == 1 ? (modern[0].Length == 0 ? "''" : modern[0]) : $"by preset, nano {modern[0]}";
        return setting.Name == "recipe" || modern.SequenceEqual(paper) ? standard : $"{standard}; paper {paper[^1]}";
    }

    private const string TuningRecipes = "Built-in recipe that gives the defaults: sft, or paper-sft (what the paper's authors ran: LISA with 4 blocks drawn every 3 updates, 4 epochs).";

    private static string TuningDefault(Setting setting) => setting.Name switch
    {
        "steps" or "decay_steps" => "from the epochs",
        "learning_rate" => FormattableString.Invariant($"{RecipeDefaults.FullTuningRate} for full, 0.0003 for lisa and lora"),
        _ when setting.HasAuto => Setting.Auto,
        _ => setting.Text(RecipeDefaults.Tuning(RecipeDefaults.InstructionTuning, Precision.Fp32, null)) is { Length: > 0 } text ? text : "''",
    };
}
