using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Architecture.Methods;
using Factory.Trainer.Model;

namespace Factory.Trainer.Training;

/// <summary>
/// What the user chose for a run, complete. Written into every checkpoint, so that <c>--resume</c> needs no option again; its JSON keys are the
/// command's option names with underscores.
/// </summary>
public sealed record TrainingOptions
{
    public required string Preset { get; init; }

    /// <summary>Normalization scheme.</summary>
    public required string Norm { get; init; }

    public required int Blocks { get; init; }

    /// <summary>Updates in all.</summary>
    public required long Steps { get; init; }

    /// <summary>Sequences per update.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Sequences per forward pass.</summary>
    public required int MicroBatchSize { get; init; }

    /// <summary>Tokens predicted per sequence.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Peak of the schedule.</summary>
    public required double LearningRate { get; init; }

    public required long WarmupSteps { get; init; }

    public required double WeightDecay { get; init; }

    public double Beta1 { get; init; } = 0.9;

    public required double Beta2 { get; init; }

    /// <summary>Largest norm of the gradient; 0 never clips.</summary>
    public required double Clip { get; init; }

    /// <summary>Deviation of the initial token embeddings.</summary>
    public double EmbeddingStd { get; init; } = WeightInitializer.EmbeddingDeviation;

    public ulong Seed { get; init; } = 1;

    /// <summary>"fp32" or "bf16" (bfloat16 products, float32 weights).</summary>
    public required string Precision { get; init; }

    /// <summary>Updates between checkpoints.</summary>
    public required long SaveEvery { get; init; }

    /// <summary>Updates between evaluations.</summary>
    public required long EvalEvery { get; init; }

    /// <summary>Validation tokens per evaluation, at most.</summary>
    public required long EvalTokens { get; init; }

    /// <summary>Checkpoints kept.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Choices that change neither weights nor losses; they may differ when a run is resumed.</summary>
    private static readonly HashSet<string> Free = ["save_every", "eval_every", "eval_tokens", "keep"];

    /// <summary>The recipe of a preset.</summary>
    public static TrainingOptions Of(Preset preset, string precision) => new()
    {
        Preset = preset.Name,
        Norm = NormSchemes.Lns.Name,
        Blocks = preset.BlockCount,
        Steps = preset.Steps,
        BatchSize = preset.BatchSize,
        MicroBatchSize = preset.MicroBatchSize,
        SequenceLength = preset.SequenceLength,
        LearningRate = preset.PeakLearningRate,
        WarmupSteps = preset.WarmupSteps,
        WeightDecay = preset.WeightDecay,
        Beta2 = preset.Beta2,
        Clip = preset.Clip,
        Precision = precision,
        SaveEvery = preset.SaveEvery,
        EvalEvery = preset.EvalEvery,
        EvalTokens = preset.EvalTokens,
    };

    /// <summary>The recipe of a preset with what is given in its place. Where only the steps are given, the warm-up keeps its share of them.</summary>
    public static TrainingOptions Of(Preset preset, string precision, JsonObject given)
    {
        TrainingOptions options = Of(preset, precision);
        return given["steps"] is JsonNode steps && given["warmup_steps"] is null
            ? (options with { WarmupSteps = options.WarmupSteps * Math.Max(0, (long)steps) / options.Steps }).With(given)
            : options.With(given);
    }

    /// <summary>These options with those of <paramref name="given"/> in their place.</summary>
    public TrainingOptions With(JsonObject given)
    {
        JsonObject all = ToJson();
        foreach ((string key, JsonNode? value) in given)
        {
            if (value is JsonValue number && number.TryGetValue(out double parsed) && !double.IsFinite(parsed))
            {
                throw new UserError(FormattableString.Invariant($"{OptionName(key)}: expected a finite number, found {parsed}."));
            }
            all[key] = value!.DeepClone();
        }
        return all.Deserialize(TrainingJson.Default.TrainingOptions)!.Validate();
    }

    /// <summary>Fails by name on the first choice of <paramref name="other"/> that would make another run of this one.</summary>
    /// <exception cref="UserError">A choice that matters differs.</exception>
    public void RequireSameRun(TrainingOptions other)
    {
        JsonObject theirs = other.ToJson();
        foreach ((string key, JsonNode? mine) in ToJson())
        {
            if (!Free.Contains(key) && !JsonNode.DeepEquals(mine, theirs[key]))
            {
                throw new UserError($"{OptionName(key)}: the run was started with {mine}, found {theirs[key]}. Leave the option out to resume the run, or start another one with --output.");
            }
        }
    }

    public JsonObject ToJson() => (JsonObject)JsonSerializer.SerializeToNode(this, TrainingJson.Default.TrainingOptions)!;

    /// <summary>"learning_rate" → "--learning-rate".</summary>
    private static string OptionName(string key) => $"--{key.Replace('_', '-')}";

    private TrainingOptions Validate()
    {
        NormSchemes.Named(Norm);
        Require(Blocks > 0, "blocks", "at least 1", Blocks);
        Require(Steps > 0, "steps", "at least 1", Steps);
        Require(BatchSize > 0, "batch_size", "at least 1", BatchSize);
        Require(MicroBatchSize > 0 && BatchSize % MicroBatchSize == 0, "micro_batch_size", $"a divisor of --batch-size ({BatchSize})", MicroBatchSize);
        Require(SequenceLength > 0, "sequence_length", "at least 1", SequenceLength);
        Require(LearningRate > 0 && double.IsFinite(LearningRate), "learning_rate", "a positive number", LearningRate);
        Require(WarmupSteps >= 0 && WarmupSteps < Steps, "warmup_steps", $"a number from 0 and below --steps ({Steps})", WarmupSteps);
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), "weight_decay", "0 or more", WeightDecay);
        Require(Beta1 is >= 0 and < 1, "beta1", "a number from 0 and below 1", Beta1);
        Require(Beta2 is >= 0 and < 1, "beta2", "a number from 0 and below 1", Beta2);
        Require(Clip >= 0 && double.IsFinite(Clip), "clip", "0 (off) or a positive number", Clip);
        Require(EmbeddingStd > 0 && double.IsFinite(EmbeddingStd), "embedding_std", "a positive number", EmbeddingStd);
        Require(Precision is "fp32" or "bf16", "precision", "fp32 or bf16", Precision);
        Require(SaveEvery > 0, "save_every", "at least 1", SaveEvery);
        Require(EvalEvery > 0, "eval_every", "at least 1", EvalEvery);
        Require(EvalTokens > 0, "eval_tokens", "at least 1", EvalTokens);
        Require(Keep > 0, "keep", "at least 1", Keep);
        return this;

        static void Require(bool holds, string key, string expected, object found)
        {
            if (!holds)
            {
                throw new UserError(FormattableString.Invariant($"{OptionName(key)}: expected {expected}, found {found}."));
            }
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(TrainingOptions))]
[JsonSerializable(typeof(TrainerState))]
internal sealed partial class TrainingJson : JsonSerializerContext;
