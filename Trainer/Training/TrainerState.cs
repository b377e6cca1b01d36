using System.Text.Json;
using System.Text.Json.Serialization;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Training;

/// <summary>trainer_state.json: where a run stands. Together with weights and optimizer state it makes the next update the one that would have come.</summary>
public sealed record TrainerState
{
    public const string FileName = "trainer_state.json";

    /// <summary>Updates done, those that were skipped included.</summary>
    public required long Step { get; init; }

    /// <summary>Updates that changed the weights: the optimizer's count. Null in older checkpoints, where none was ever skipped.</summary>
    public long? OptimizerSteps { get; init; }

    /// <summary>The same for each parameter, in the set's order, where they differ; null where all have had as many.</summary>
    public IReadOnlyList<long>? OptimizerCounts { get; init; }

    /// <summary>Position in the order of training sequences: how many were taken.</summary>
    public required long SequencesTaken { get; init; }

    /// <summary>Tokens read, padding not counted. Null in older checkpoints.</summary>
    public long? Tokens { get; init; }

    /// <summary>Bytes of the journal that belong to these updates.</summary>
    public required long JournalLength { get; init; }

    /// <summary>State of libtorch's CPU generator, base64.</summary>
    public required string RandomState { get; init; }

    /// <summary>Directory of the tokens.</summary>
    public required string Data { get; init; }

    /// <summary>Content hash of its manifest.</summary>
    public required string DataHash { get; init; }

    /// <summary>The recipe, as <see cref="Recipes.RecipeJson"/> writes it.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>Where the recipe stood in older checkpoints, without sections.</summary>
    public JsonElement? Options { get; init; }

    /// <summary>The best validation so far and how many came after it.</summary>
    public BestValidation? Best { get; init; }

    /// <summary>What the divergence guard remembers.</summary>
    public GuardState? Guard { get; init; }

    public void Write(string directory)
    {
        using var stream = new FileStream(Path.Combine(directory, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(stream, this, TrainingJson.Default.TrainerState);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>null where the checkpoint has no training state (an imported one has none).</summary>
    /// <exception cref="UserError">The state cannot be read.</exception>
    public static TrainerState? Read(string checkpoint)
    {
        string path = Path.Combine(checkpoint, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            using FileStream stream = InputFile.Open(path, "the training state of a run");
            return JsonSerializer.Deserialize(stream, TrainingJson.Default.TrainerState) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected the training state of a run, as this version of Factory writes it, found {JsonProblem.Describe(error)}", error);
        }
    }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(TrainerState))]
internal sealed partial class TrainingJson : JsonSerializerContext;
