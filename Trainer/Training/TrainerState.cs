using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Trainer.Training;

/// <summary>trainer_state.json: where a run stands. Together with weights and optimizer state it makes the next update the one that would have come.</summary>
public sealed record TrainerState
{
    public const string FileName = "trainer_state.json";

    /// <summary>Updates done.</summary>
    public required long Step { get; init; }

    /// <summary>Position in the order of training sequences: how many were taken.</summary>
    public required long SequencesTaken { get; init; }

    /// <summary>Bytes of the journal that belong to these updates.</summary>
    public required long JournalLength { get; init; }

    /// <summary>State of libtorch's CPU generator, base64.</summary>
    public required string RandomState { get; init; }

    /// <summary>Directory of the tokens.</summary>
    public required string Data { get; init; }

    /// <summary>Content hash of its manifest.</summary>
    public required string DataHash { get; init; }

    public required TrainingOptions Options { get; init; }

    public void Write(string directory)
    {
        using var stream = new FileStream(Path.Combine(directory, FileName), FileMode.CreateNew, FileAccess.Write);
        JsonSerializer.Serialize(stream, this, TrainingJson.Default.TrainerState);
        stream.WriteByte((byte)'\n');
    }

    /// <exception cref="UserError">The checkpoint has no readable training state (an imported one has none).</exception>
    public static TrainerState Read(string checkpoint)
    {
        string path = Path.Combine(checkpoint, FileName);
        try
        {
            using FileStream stream = InputFile.Open(path, "the training state of a run");
            return JsonSerializer.Deserialize(stream, TrainingJson.Default.TrainerState) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new UserError($"{path}: expected the training state of a run, found {JsonProblem.Describe(error)}", error);
        }
    }
}
