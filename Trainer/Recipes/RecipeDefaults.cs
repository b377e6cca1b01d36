using Factory.Core;
using Factory.Trainer.Kernels;
using Preset_ = Factory.Core.Architecture.Preset;

namespace Factory.Trainer.Recipes;

/// <summary>
/// The built-in recipes: every default of <c>pretrain</c>. "paper" is what the authors ran (arXiv 2502.05795 and its scripts); "modern" trains the same sizes
/// with packed rows, AdamW, weight decay and clipping.
/// </summary>
public static class RecipeDefaults
{
    public const string Modern = "modern";
    public const string Paper = "paper";
    public const string Preset = "nano";

    /// <summary>Fine-tuning on instructions.</summary>
    public const string InstructionTuning = "sft";

    /// <summary>Fine-tuning as the paper's authors have it: LISA with four blocks, drawn anew every third update, four epochs (their GPAS repository).</summary>
    public const string PaperInstructionTuning = "paper-sft";

    /// <summary>Peak learning rate of full fine-tuning, where adapters and LISA take three times as much.</summary>
    public const double FullTuningRate = 1e-4;

    /// <summary>Of training from scratch.</summary>
    public static IReadOnlyList<string> Names { get; } = [Modern, Paper];

    /// <summary>Of fine-tuning.</summary>
    public static IReadOnlyList<string> TuningNames { get; } = [InstructionTuning, PaperInstructionTuning];

    /// <summary>Ways to tune, as they are spelt.</summary>
    public static IReadOnlyList<string> TuningMethods { get; } = [.. Enum.GetValues<TuningMethod>().Where(method => method != TuningMethod.None).Select(method => method.ToString().ToLowerInvariant())];

    /// <exception cref="SettingError">There is no such recipe of fine-tuning.</exception>
    public static Recipe Tuning(string name, Precision precision, string? kernels)
    {
        if (!TuningNames.Contains(name))
        {
            throw new SettingError("recipe", $"expected one of {string.Join(", ", TuningNames)}, found '{name}'.");
        }
        bool paper = name == PaperInstructionTuning;
        Recipe modern = For(Modern, Preset, precision, kernels);
        return modern with
        {
            Name = name,
            Data = new DataRecipe { Rows = RowLayout.Documents, SequenceLength = 512, BatchSize = 16, MicroBatchSize = 4 },
            Optimizer = new OptimizerRecipe { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0, Clip = 1 },
            // A line from the peak to zero, the default of Hugging Face's trainer.
            Schedule = new ScheduleRecipe { Shape = ScheduleShape.Wsd, Steps = 1, LearningRate = 3e-4, WarmupSteps = 0, DecaySteps = 1, MinLrRatio = 0 },
            Run = modern.Run with { Seed = paper ? 42ul : 1ul, SaveEvery = 200, EvalEvery = 100, EvalTokens = 100_000 },
            Tuning = paper
                ? new TuningRecipe { Method = TuningMethod.Lisa, Epochs = 4, LisaBlocks = 4, LisaEvery = 3 }
                : new TuningRecipe { Method = TuningMethod.Full },
        };
    }

    /// <summary>sqrt(2/5): the deviation of token embeddings in the runs of the paper's tables. The authors' code has 0.02 since January 2026.</summary>
    public const double PaperEmbeddingStd = 0.632;

    /// <summary>What LLaMA uses.</summary>
    public const double EmbeddingStd = 0.02;

    /// <exception cref="SettingError">There is no such recipe or preset.</exception>
    public static Recipe For(string name, string preset, Precision precision, string? kernels = null)
    {
        Preset_ size = Preset_.Named(preset);
        (double rate, long warmup, long steps) = Course(size.Name);
        bool nano = size.Name == Preset;
        var modern = new Recipe
        {
            Name = Modern,
            Model = new ModelRecipe
            {
                Preset = size.Name,
                Norm = "lns",
                HiddenSize = size.HiddenSize,
                IntermediateSize = size.IntermediateSize,
                Blocks = size.BlockCount,
                Heads = size.Heads,
                KvHeads = size.Heads,
                EmbeddingStd = EmbeddingStd,
            },
            Data = new DataRecipe { Rows = RowLayout.Packed, SequenceLength = 256, BatchSize = nano ? 4 : 512, MicroBatchSize = nano ? 4 : 32 },
            Optimizer = new OptimizerRecipe { Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1, Clip = 1 },
            Schedule = new ScheduleRecipe
            {
                Shape = ScheduleShape.Cosine,
                Steps = steps,
                LearningRate = rate,
                WarmupSteps = warmup,
                DecaySteps = steps / 10,
                MinLrRatio = 0.1,
            },
            Run = new RunRecipe
            {
                Seed = 1,
                Precision = precision,
                Kernels = kernels ?? KernelSet.Plain.Name,
                SaveEvery = nano ? 200 : 1_000,
                Keep = 2,
                EvalEvery = nano ? 200 : 1_000,
                EvalTokens = nano ? 50_000 : 10_000_000,
            },
        };
        return name switch
        {
            Modern => modern,
            Paper => modern with
            {
                Name = Paper,
                Model = modern.Model with { EmbeddingStd = PaperEmbeddingStd },
                Data = new DataRecipe { Rows = RowLayout.Documents, SequenceLength = 256, BatchSize = 512, MicroBatchSize = 32 },
                Optimizer = new OptimizerRecipe { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0, Clip = 0 },
            },
            _ => throw new SettingError("recipe", $"expected one of {string.Join(", ", Names)}, found '{name}'."),
        };
    }

    /// <summary>
    /// Peak learning rate, warm-up and updates of each size. 71m to 1b and 7b are the scripts' (350m with the paper's rate of 1e-3, where the script has 5e-4; 1b with
    /// the script's warm-up of 1000); the sizes that no table has take the course of their neighbour.
    /// </summary>
    private static (double Rate, long Warmup, long Steps) Course(string size) => size switch
    {
        Preset => (3e-3, 60, 600),
        "130m" => (1e-3, 2_000, 20_000),
        "250m" => (1e-3, 4_000, 40_000),
        "350m" => (1e-3, 6_000, 60_000),
        "1b" => (5e-4, 1_000, 100_000),
        "3b" or "7b" => (5e-4, 15_000, 150_000),
        _ => (1e-3, 1_000, 10_000),
    };
}
