using Factory.Core;

namespace Factory.Trainer.Recipes;

/// <summary>
/// Everything that decides how a run trains, complete. Its defaults stand in <see cref="RecipeDefaults"/>, its values' names, ranges and help in
/// <see cref="RecipeSettings"/>. Written into every checkpoint, so that <c>--resume</c> needs no option again.
/// </summary>
public sealed record Recipe
{
    /// <summary>The built-in recipe that gave the defaults: "modern" or "paper".</summary>
    public required string Name { get; init; }

    public required ModelRecipe Model { get; init; }

    public required DataRecipe Data { get; init; }

    public required OptimizerRecipe Optimizer { get; init; }

    public required ScheduleRecipe Schedule { get; init; }

    public required RunRecipe Run { get; init; }

    /// <summary>Of fine-tuning; without a method where a model is trained from scratch. A fine-tuned model is its checkpoint's: <see cref="Model"/> says nothing then.</summary>
    public TuningRecipe Tuning { get; init; } = new();

    /// <summary>What follows from the steps, and they from the epochs: no cause of a difference while there is another.</summary>
    private static readonly string[] Following = ["warmup_steps", "decay_steps"];

    public bool IsTuning => Tuning.Method != TuningMethod.None;

    /// <summary>The fine-tuning that <paramref name="given"/> asks for on <paramref name="rows"/> rows. Steps follow from the epochs, and the decay goes from the warm-up to the end, unless given.</summary>
    /// <inheritdoc cref="Resolve"/>
    public static Recipe ResolveTuning(RecipeChanges given, long rows, Precision precision, string? kernels)
    {
        Recipe recipe = given.Over(RecipeDefaults.Tuning(given.Value<string>("recipe") ?? RecipeDefaults.InstructionTuning, precision, kernels));
        recipe = recipe with { Data = WithMicroBatch(recipe.Data, given) };
        ScheduleRecipe schedule = recipe.Schedule;
        if (!given.Has("steps"))
        {
            schedule = schedule with { Steps = Math.Max(1, (long)Math.Ceiling(rows * recipe.Tuning.Epochs / Math.Max(1, recipe.Data.BatchSize))) };
        }
        if (!given.Has("decay_steps"))
        {
            schedule = schedule with { DecaySteps = Math.Max(0, schedule.Steps - schedule.WarmupSteps) };
        }
        if (!given.Has("learning_rate") && recipe.Name == RecipeDefaults.InstructionTuning && recipe.Tuning.Method == TuningMethod.Full)
        {
            schedule = schedule with { LearningRate = RecipeDefaults.FullTuningRate };
        }
        return (recipe with { Schedule = schedule }).Validate();
    }

    /// <summary>
    /// The recipe that <paramref name="given"/> asks for, over the defaults of the recipe and preset that it names. Defaults that follow from other
    /// values are taken from those given: with other steps, warm-up and decay keep their share of them; with another batch size, the micro-batch is
    /// the largest divisor up to the default.
    /// </summary>
    /// <param name="precision">What this machine takes by itself.</param>
    /// <param name="kernels">Likewise; null for the plain operators.</param>
    /// <exception cref="SettingError">A value is out of range or does not fit another.</exception>
    public static Recipe Resolve(RecipeChanges given, Precision precision, string? kernels = null)
    {
        Recipe defaults = RecipeDefaults.For(given.Value<string>("recipe") ?? RecipeDefaults.Modern, given.Value<string>("preset") ?? RecipeDefaults.Preset, precision, kernels);
        Recipe recipe = given.Over(defaults);
        ScheduleRecipe schedule = recipe.Schedule;
        if (given.Has("steps"))
        {
            schedule = schedule with
            {
                WarmupSteps = given.Has("warmup_steps") ? schedule.WarmupSteps : Share(schedule.WarmupSteps),
                DecaySteps = given.Has("decay_steps") ? schedule.DecaySteps : Math.Max(1, Share(schedule.DecaySteps)),
            };
        }
        return (recipe with { Schedule = schedule, Data = WithMicroBatch(recipe.Data, given) }).Validate();

        long Share(long steps) => (long)((Int128)steps * Math.Max(0, schedule.Steps) / defaults.Schedule.Steps);
    }

    private static DataRecipe WithMicroBatch(DataRecipe data, RecipeChanges given) => given.Has("batch_size") && !given.Has("micro_batch_size") && data.BatchSize > 0
        ? data with { MicroBatchSize = Enumerable.Range(1, Math.Min(data.MicroBatchSize, data.BatchSize)).Last(size => data.BatchSize % size == 0) }
        : data;

    /// <summary>Checks each value by itself and those that must fit one another.</summary>
    /// <exception cref="SettingError">The first that does not.</exception>
    public Recipe Validate()
    {
        foreach (Setting setting in RecipeSettings.All)
        {
            setting.Check(this);
        }
        if (!IsTuning)
        {
            RequireModel();
        }
        Require(Data.BatchSize % Data.MicroBatchSize == 0, "micro_batch_size", $"a divisor of the batch size ({Data.BatchSize})", Data.MicroBatchSize);
        Require(Schedule.WarmupSteps < Schedule.Steps, "warmup_steps", $"less than the steps ({Schedule.Steps})", Schedule.WarmupSteps);
        Require(
            Schedule.Shape != ScheduleShape.Wsd || Schedule.DecaySteps <= Schedule.Steps - Schedule.WarmupSteps,
            "decay_steps", $"at most the steps after the warm-up ({Schedule.Steps - Schedule.WarmupSteps})", Schedule.DecaySteps);
        return this;
    }

    private void RequireModel()
    {
        Model.RequireOwnSettings();
        Require(Model.Heads % Model.KvHeads == 0, "kv_heads", $"a divisor of the heads ({Model.Heads})", Model.KvHeads);
        Require(
            Model.HiddenSize % (2 * Model.Heads) == 0, "heads",
            $"a number that cuts the hidden size ({Model.HiddenSize}) into even parts (rotary positions turn pairs of channels)", Model.Heads);
    }

    private static void Require(bool holds, string setting, string expected, object found)
    {
        if (!holds)
        {
            throw new SettingError(setting, FormattableString.Invariant($"expected {expected}, found {found}."));
        }
    }

    /// <summary>Fails by name on the first choice of <paramref name="other"/> that would make another run of this one.</summary>
    /// <exception cref="SettingError">A choice that changes weights or losses differs.</exception>
    public void RequireSameRun(Recipe other)
    {
        foreach (Setting setting in RecipeSettings.All.Where(setting => !setting.MayChange && setting.Text(this) != setting.Text(other)).OrderBy(setting => Following.Contains(setting.Name)))
        {
            string cause = Following.Contains(setting.Name) ? " (where it is not given it follows from the steps)" : "";
            throw new SettingError(
                setting.Name,
                $"the run was started with {setting.Text(this)}, found {setting.Text(other)}{cause}. Leave the option out to resume the run, or start another one with --output.");
        }
    }
}
