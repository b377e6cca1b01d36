using System.CommandLine;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Trainer.Recipes;

namespace Factory.Trainer.Commands;

/// <summary>The options of a recipe, one for each of its settings, and <c>--config</c>. What is given neither there nor here comes from the recipe and preset, or from the resumed run.</summary>
internal sealed class RecipeOptions
{
    private readonly string _prefix;
    private readonly string _foreign;
    private readonly Option<string?> _config;
    private readonly List<(Setting Setting, Option Option, Func<ParseResult, string> Read)> _options;

    /// <param name="foreign">Section of settings that mean nothing here.</param>
    private RecipeOptions(IEnumerable<Setting> settings, Func<Setting, string> standard, string foreign, string prefix = "")
    {
        (_foreign, _prefix) = (foreign, prefix);
        string form = foreign == RecipeSettings.Tuning ? "as 'pretrain --dry-run' prints it"
            : prefix.Length == 0 ? "such as {\"epochs\": 1, \"batch_size\": 32}"
            : "such as {\"epochs\": 1, \"lora\": {\"lora_rank\": 8}}; under full, lisa or lora stand those of that way alone";
        _config = new($"--{prefix}config") { Description = $"JSON file with settings of the recipe, {form}. Options of the command line come over it.", HelpName = "FILE" };
        _options = [.. settings.Select(setting => Create(setting, standard(setting)))];
    }

    /// <summary>Those of training from scratch.</summary>
    /// <param name="except">Settings that the command decides itself.</param>
    public static RecipeOptions ForPretraining(params string[] except) =>
        new(RecipeSettings.All.Where(setting => setting.Section != RecipeSettings.Tuning && !except.Contains(setting.Name)), Default, RecipeSettings.Tuning);

    /// <summary>Those of fine-tuning: the model is there, and a row is a row of the data.</summary>
    public static RecipeOptions ForTuning() =>
        new(TuningSettings, TuningDefault, RecipeSettings.Model);

    /// <summary>Those of fine-tuning in a command that has settings of its own, with <c>--name-</c> in front; its help does not list them.</summary>
    /// <param name="except">Settings that the command decides itself.</param>
    public static RecipeOptions ForTuningIn(string name, params string[] except) =>
        new(TuningSettings.Where(setting => !except.Contains(setting.Name)), TuningDefault, RecipeSettings.Model, $"{name}-");

    private static IEnumerable<Setting> TuningSettings => RecipeSettings.All.Where(setting => setting.Section != RecipeSettings.Model && setting.Name != "rows");

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        foreach ((_, Option option, _) in _options)
        {
            option.Hidden = _prefix.Length > 0;
            command.Options.Add(option);
        }
    }

    /// <summary>The values that were given: the file's, with the command line's over them.</summary>
    /// <param name="method">Way of tuning whose section of the file, {"lora": {…}}, comes over the rest of it; null for the rest alone.</param>
    /// <exception cref="UserError">The file cannot be read, or a value is none.</exception>
    public RecipeChanges Given(ParseResult parsed, string? method = null)
    {
        RecipeChanges given = parsed.GetValue(_config) is string file ? FromFile(file, method) : new RecipeChanges();
        foreach ((Setting setting, Option option, Func<ParseResult, string> read) in _options)
        {
            if (parsed.GetResult(option) is not null)
            {
                given.SetText(setting, read(parsed));
            }
        }
        return given;
    }

    private RecipeChanges FromFile(string file, string? method)
    {
        RecipeChanges given = _prefix.Length > 0 ? RecipeJson.ReadTuningFile(file, method) : RecipeJson.ReadFile(file);
        return given.Settings.FirstOrDefault(setting => setting.Section == _foreign) is Setting other
            ? throw new UserError($"{file}: {other.Name}: {(_foreign == RecipeSettings.Model ? "expected settings of fine-tuning, found one of the model, which is the checkpoint's" : "expected settings of training from scratch, found one of fine-tuning")}. Remove it.")
            : given;
    }

    /// <summary>An option of these that was given; null where none was.</summary>
    public string? FirstGiven(ParseResult parsed) => _options.Select(known => known.Option).Prepend(_config).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;

    private (Setting Setting, Option Option, Func<ParseResult, string> Read) Create(Setting setting, string standard)
    {
        string name = $"--{_prefix}{setting.Name.Replace('_', '-')}";
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
