using System.Text.Json;

namespace Factory.Core.Journal;

/// <summary>The first line: where a run comes from.</summary>
public sealed record HeaderRecord : JournalRecord
{
    /// <summary>Time of the start, UTC, "yyyy-MM-ddTHH:mm:ssZ".</summary>
    public required string Started { get; init; }

    public required string TrainerVersion { get; init; }

    public required string TorchsharpVersion { get; init; }

    /// <summary>"cpu" or "cuda:0".</summary>
    public required string Device { get; init; }

    /// <summary>CPU threads.</summary>
    public required int Threads { get; init; }

    /// <summary>Trainable numbers of the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>Token ids that the model knows.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Directory of the tokens.</summary>
    public required string Data { get; init; }

    /// <summary>Content hash of the tokens' manifest.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>The resolved recipe, as <c>pretrain --config</c> takes it.</summary>
    public required JsonElement Recipe { get; init; }

    /// <summary>Floating-point operations per second that a matrix product reaches on the device: what <see cref="StepRecord.Mfu"/> is a share of; null where it was not measured.</summary>
    public double? MatmulRate { get; init; }
}
