using System.Text.Json.Serialization;

namespace Factory.Core.Journal;

/// <summary>One validation.</summary>
public sealed record ValidationRecord : JournalRecord
{
    /// <summary>Updates done.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens read in training until then.</summary>
    public required long Tokens { get; init; }

    /// <summary>Mean cross-entropy, nats per token, every token weighted alike; null where it was not finite.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required double? Loss { get; init; }

    /// <summary>exp(loss); null where it was not finite.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required double? Perplexity { get; init; }

    /// <summary>Tokens predicted.</summary>
    public required long ValidationTokens { get; init; }

    /// <summary>
    /// The number that the paper's code prints: exp of the sum of the batches' mean losses over the number of batches plus one. Biased downwards; only
    /// for comparison with published tables. Null unless asked for.
    /// </summary>
    public double? PaperPerplexity { get; init; }

    /// <summary>Of fine-tuning: share of the held-out rows whose every answer token is the most likely one, so that greedy decoding gives just that answer. Null of other runs.</summary>
    public double? AnswerAccuracy { get; init; }

    /// <summary>Population variance of the residual stream after each block, first block first; null where one was not finite.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required IReadOnlyList<double>? BlockOutputVariance { get; init; }
}
