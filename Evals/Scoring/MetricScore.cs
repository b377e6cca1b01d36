using System.Text.Json.Serialization;

namespace Factory.Evals.Scoring;

/// <summary>A measured number.</summary>
/// <param name="Name">"acc", "acc_norm", "perplexity", "word_perplexity" …</param>
/// <param name="StandardError">null where none is defined.</param>
/// <param name="HigherIsBetter">Which way is good.</param>
public sealed record MetricScore(
    [property: JsonIgnore] string Name,
    double Value,
    [property: JsonPropertyName("stderr")] double? StandardError,
    bool HigherIsBetter);
