using System.Text.Json.Serialization;

namespace Factory.Core.Journal;

/// <summary>One update.</summary>
public sealed record StepRecord : JournalRecord
{
    /// <summary>Number of the update, from one.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens read since the start of the run, padding not counted.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens that this update's loss is a mean over.</summary>
    public long ValidTokens { get; init; }

    /// <summary>Mean cross-entropy before the update, nats per token; null where it was not finite.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required double? Loss { get; init; }

    /// <summary>Learning rate.</summary>
    public required double Lr { get; init; }

    /// <summary>Norm over all gradients before clipping; null where it was not finite.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required double? GradNorm { get; init; }

    /// <summary>The same within each block, first block first.</summary>
    public IReadOnlyList<double>? BlockGradNorm { get; init; }

    /// <summary>True when the divergence guard left the weights as they were.</summary>
    public bool? Skipped { get; init; }

    /// <summary>Tokens of the update, over its time.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Model FLOP utilization: the model's floating-point operations per second (6 per parameter and token, and those of attention) as a share of the header's matmul rate.</summary>
    public double? Mfu { get; init; }

    /// <summary>Resident memory of the process, bytes.</summary>
    public long? Memory { get; init; }
}
