using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Kernels;

namespace Factory.Trainer.Recipes;

/// <summary>The one table of a recipe's values: the command line's options, the JSON form, the checks and the comparison at resume all walk it.</summary>
public static class RecipeSettings
{
    /// <summary>Section of the model that is trained from scratch.</summary>
    public const string Model = "model";
    private const string Data = "data";
    private const string Optimizer = "optimizer";
    private const string Schedule = "schedule";
    private const string Run = "run";

    /// <summary>Section of fine-tuning.</summary>
    public const string Tuning = "tuning";

    /// <summary>In the order of <c>--help</c> and of the JSON form.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Fixed("", "recipe", "Built-in recipe that gives the defaults: modern (packed rows, AdamW .9/.95, weight decay, clipping) or paper (one document a row, Adam .9/.999, no clipping, embedding deviation 0.632).",
            recipe => recipe.Name, (recipe, value) => recipe with { Name = value }, RecipeDefaults.Names.Concat(RecipeDefaults.TuningNames).Contains, string.Join(" or ", RecipeDefaults.Names)),

        OfModel("preset", $"Model size, which gives the defaults of the others: {string.Join(", ", Preset.All.Select(preset => preset.Name))} (all but nano are the paper's).",
            model => model.Preset, (model, value) => model with { Preset = value }, value => Preset.All.Any(preset => preset.Name == value), $"one of {string.Join(", ", Preset.All.Select(preset => preset.Name))}"),
        OfModel("norm", $"Normalization method: {string.Join(", ", NormSchemes.Names)}.",
            model => model.Norm, (model, value) => model with { Norm = value }, NormSchemes.Names.Contains, $"one of {string.Join(", ", NormSchemes.Names)}"),
        OfModel("as_run", "Train the arm that the paper's authors ran under that name, where it is another than its source has.", model => model.AsRun, (model, value) => model with { AsRun = value }, Any, "true or false"),
        OfModel("mix_ratio", "Share of the first blocks that are Post-LN, of mix only.",
            model => model.MixRatio, (model, value) => model with { MixRatio = value }, value => value is > 0 and <= 1, "a number above 0 and up to 1"),
        OfModel("norm_groups", "Groups of channels, a divisor of the hidden size; of group only.",
            model => model.NormGroups, (model, value) => model with { NormGroups = value }, AtLeastOne, "at least 1"),
        OfModel("lns_exponent", "Multiply by depth to the minus of this, of lns and its variants only.",
            model => model.LnsExponent, (model, value) => model with { LnsExponent = value }, ZeroOrMore, "0 or a positive number"),
        OfModel("hidden_size", "Width of the residual stream.", model => model.HiddenSize, (model, value) => model with { HiddenSize = value }, AtLeastOne, "at least 1"),
        OfModel("intermediate_size", "Width of the feed-forward network.", model => model.IntermediateSize, (model, value) => model with { IntermediateSize = value }, AtLeastOne, "at least 1"),
        OfModel("blocks", "Depth of the model.", model => model.Blocks, (model, value) => model with { Blocks = value }, AtLeastOne, "at least 1"),
        OfModel("heads", "Attention heads.", model => model.Heads, (model, value) => model with { Heads = value, KvHeads = model.KvHeads == model.Heads ? value : model.KvHeads }, AtLeastOne, "at least 1"),
        OfModel("kv_heads", "Heads of keys and values, a divisor of the heads; as many as those unless given.", model => model.KvHeads, (model, value) => model with { KvHeads = value }, AtLeastOne, "at least 1"),
        OfModel("tie_embeddings", "Let the output head be the token embedding.", model => model.TieEmbeddings, (model, value) => model with { TieEmbeddings = value }, Any, "true or false"),
        OfModel("embedding_std", "Deviation of the initial token embeddings; the runs of the paper's tables had 0.632 (the root of 2/5).",
            model => model.EmbeddingStd, (model, value) => model with { EmbeddingStd = value }, Positive, "a positive number"),

        OfData("rows", "packed (no padding, documents follow one another) or documents (one a row, cut off or padded, no BOS).",
            data => data.Rows, (data, value) => data with { Rows = value }, Any, "packed or documents"),
        OfData("sequence_length", "Tokens of a row.", data => data.SequenceLength, (data, value) => data with { SequenceLength = value }, AtLeastOne, "at least 1"),
        OfData("batch_size", "Rows per update.", data => data.BatchSize, (data, value) => data with { BatchSize = value }, AtLeastOne, "at least 1"),
        OfData("micro_batch_size", "Rows per forward pass, a divisor of the batch size. Fewer need less memory; the result is the same but for rounding.",
            data => data.MicroBatchSize, (data, value) => data with { MicroBatchSize = value }, AtLeastOne, "at least 1"),

        OfOptimizer("beta1", "Adam's decay of the mean of gradients.", optimizer => optimizer.Beta1, (optimizer, value) => optimizer with { Beta1 = value }, value => value is >= 0 and < 1, "a number from 0 and below 1"),
        OfOptimizer("beta2", "Adam's decay of the mean of squared gradients.", optimizer => optimizer.Beta2, (optimizer, value) => optimizer with { Beta2 = value }, value => value is >= 0 and < 1, "a number from 0 and below 1"),
        OfOptimizer("epsilon", "Added to the root of the latter.", optimizer => optimizer.Epsilon, (optimizer, value) => optimizer with { Epsilon = value }, Positive, "a positive number"),
        OfOptimizer("weight_decay", "Decoupled decay of matrices (rank two and more).", optimizer => optimizer.WeightDecay, (optimizer, value) => optimizer with { WeightDecay = value }, ZeroOrMore, "0 or a positive number"),
        OfOptimizer("clip", "Largest norm of the gradient; 0 never clips.", optimizer => optimizer.Clip, (optimizer, value) => optimizer with { Clip = value }, ZeroOrMore, "0 (off) or a positive number"),

        OfSchedule("schedule", "cosine, wsd (warm-up, stable, decay) or constant. Runs of the last two can be extended with --resume --steps.", false,
            schedule => schedule.Shape, (schedule, value) => schedule with { Shape = value }, Any, "cosine, wsd or constant"),
        OfSchedule("steps", "Updates. Warm-up and decay keep their share unless given.", true, schedule => schedule.Steps, (schedule, value) => schedule with { Steps = value }, AtLeastOneLong, "at least 1"),
        OfSchedule("learning_rate", "Peak of the schedule.", false, schedule => schedule.LearningRate, (schedule, value) => schedule with { LearningRate = value }, Positive, "a positive number"),
        OfSchedule("warmup_steps", "Updates of the linear warm-up from 0.", false, schedule => schedule.WarmupSteps, (schedule, value) => schedule with { WarmupSteps = value }, value => value >= 0, "0 or more"),
        OfSchedule("decay_steps", "Updates of the decay at the end of wsd.", false, schedule => schedule.DecaySteps, (schedule, value) => schedule with { DecaySteps = value }, value => value >= 0, "0 or more"),
        OfSchedule("min_lr_ratio", "Where cosine and decay end, as a share of the peak.", false, schedule => schedule.MinLrRatio, (schedule, value) => schedule with { MinLrRatio = value }, value => value is >= 0 and <= 1, "a number from 0 to 1"),

        OfRun("seed", "Seed of the initial weights and of the order of the data.", false, run => run.Seed, (run, value) => run with { Seed = value }, Any, "a whole number from 0"),
        OfRun("precision", "fp32, bf16 (bfloat16 products, float32 weights), pure-bf16 (everything, as the paper's runs) or auto (bf16 on CUDA and where a probe at the start finds its products faster, else fp32).", false,
            run => run.Precision, (run, value) => run with { Precision = value }, Any, "fp32, bf16, pure-bf16 or auto"),
        OfRun("kernels", $"What computes on a CPU: {string.Join(", ", KernelSet.All.Keys)} or auto (the fastest that a probe at the start finds). Each rounds differently, so a resumed run keeps its own.", false,
            run => run.Kernels, (run, value) => run with { Kernels = value }, KernelSet.All.ContainsKey, $"one of {string.Join(", ", KernelSet.All.Keys)} or auto"),
        OfRun("recompute", "Keep only each block's input and compute the rest again on the way back (activation checkpointing): the same numbers in less memory, for about a third more work.", true,
            run => run.Recompute, (run, value) => run with { Recompute = value }, Any, "true or false"),
        OfRun("save_every", "Updates between checkpoints.", true, run => run.SaveEvery, (run, value) => run with { SaveEvery = value }, AtLeastOneLong, "at least 1"),
        OfRun("keep", "Newest checkpoints kept, beside the one with the best validation.", true, run => run.Keep, (run, value) => run with { Keep = value }, AtLeastOne, "at least 1"),
        OfRun("eval_every", "Updates between validations.", true, run => run.EvalEvery, (run, value) => run with { EvalEvery = value }, AtLeastOneLong, "at least 1"),
        OfRun("eval_tokens", "Validation tokens per validation, at most.", true, run => run.EvalTokens, (run, value) => run with { EvalTokens = value }, AtLeastOneLong, "at least 1"),
        OfRun("paper_eval", "Show the perplexity that the paper's code prints too (mean of batch means over batches + 1: too low).", true,
            run => run.PaperEval, (run, value) => run with { PaperEval = value }, Any, "true or false"),
        OfRun("patience", "Validations without a better one after which the run ends; 0 never does.", true, run => run.Patience, (run, value) => run with { Patience = value }, value => value >= 0, "0 (off) or more"),
        OfRun("on_spike", "What to do with an update whose loss or gradient norm stands far out: ignore, warn, skip (leave the weights as they were) or stop. A loss that is not finite always stops the run, or is skipped.", true,
            run => run.OnSpike, (run, value) => run with { OnSpike = value }, Any, "ignore, warn, skip or stop"),
        OfRun("spike_z", "Standard deviations above the mean of the last updates that make a spike.", true, run => run.SpikeZ, (run, value) => run with { SpikeZ = value }, Positive, "a positive number"),
        OfRun("log_every", "Updates whose losses and gradient norms are read from the device together, so that a GPU never waits; each still has its line in the journal. 0 takes 10 on CUDA and 1 on a CPU; on_spike skip and stop take 1.", true,
            run => run.LogEvery, (run, value) => run with { LogEvery = value }, value => value >= 0, "0 (as the device needs) or more"),
        OfRun("sample_every", "Updates between texts that the model writes to the console and the journal; 0 never.", true, run => run.SampleEvery, (run, value) => run with { SampleEvery = value }, value => value >= 0, "0 (off) or more"),
        OfRun("sample_prompt", "How those texts begin.", true, run => run.SamplePrompt, (run, value) => run with { SamplePrompt = value }, Any, "text"),
        OfRun("tensorboard", "Write TensorBoard event files to RUN/tensorboard too.", true, run => run.Tensorboard, (run, value) => run with { Tensorboard = value }, Any, "true or false"),

        .. TuningSettings.All,
    ];

    private static readonly Dictionary<string, Setting> ByName = All.ToDictionary(setting => setting.Name);

    /// <exception cref="SettingError">There is no such setting.</exception>
    public static Setting Named(string name) => ByName.TryGetValue(name, out Setting? setting)
        ? setting
        : throw new SettingError(name, $"expected a setting of a recipe, found an unknown one. Known are: {string.Join(", ", All.Select(known => known.Name))}.");

    private static TypedSetting<T> OfModel<T>(string name, string help, Func<ModelRecipe, T> get, Func<ModelRecipe, T, ModelRecipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(Model, name, help, false, recipe => get(recipe.Model), (recipe, value) => recipe with { Model = with(recipe.Model, value) }, holds, expected);

    private static TypedSetting<T> OfData<T>(string name, string help, Func<DataRecipe, T> get, Func<DataRecipe, T, DataRecipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(Data, name, help, false, recipe => get(recipe.Data), (recipe, value) => recipe with { Data = with(recipe.Data, value) }, holds, expected);

    private static TypedSetting<T> OfOptimizer<T>(string name, string help, Func<OptimizerRecipe, T> get, Func<OptimizerRecipe, T, OptimizerRecipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(Optimizer, name, help, false, recipe => get(recipe.Optimizer), (recipe, value) => recipe with { Optimizer = with(recipe.Optimizer, value) }, holds, expected);

    private static TypedSetting<T> OfSchedule<T>(
        string name, string help, bool mayChange, Func<ScheduleRecipe, T> get, Func<ScheduleRecipe, T, ScheduleRecipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(Schedule, name, help, mayChange, recipe => get(recipe.Schedule), (recipe, value) => recipe with { Schedule = with(recipe.Schedule, value) }, holds, expected);

    private static TypedSetting<T> OfRun<T>(string name, string help, bool mayChange, Func<RunRecipe, T> get, Func<RunRecipe, T, RunRecipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(Run, name, help, mayChange, recipe => get(recipe.Run), (recipe, value) => recipe with { Run = with(recipe.Run, value) }, holds, expected);

    private static TypedSetting<T> Fixed<T>(string section, string name, string help, Func<Recipe, T> get, Func<Recipe, T, Recipe> with, Func<T, bool> holds, string expected) where T : notnull =>
        new(section, name, help, false, get, with, holds, expected);

    private static bool Any<T>(T value) => true;

    private static bool AtLeastOne(int value) => value >= 1;

    private static bool AtLeastOneLong(long value) => value >= 1;

    private static bool Positive(double value) => value > 0 && double.IsFinite(value);

    private static bool ZeroOrMore(double value) => value >= 0 && double.IsFinite(value);
}
