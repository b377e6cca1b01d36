using System.Text.Json.Serialization;

namespace Factory.Evals.Scoring;

/// <summary>A measured number.</summary>
/// <param name="Name">"acc", "acc_norm", "perplexity", "word_perplexity" …</param>
/// <param name="Value">null in JSON where it is no number: a perplexity beyond what a double holds, or a model that answers NaN.</param>
/// <param name="StandardError">null where none is defined.</param>
/// <param name="HigherIsBetter">Which way is good.</param>
public sealed record MetricScore(
    [property: JsonIgnore] string Name,
    [property: JsonConverter(typeof(FiniteNumber))] double Value,
    [property: JsonPropertyName("stderr"), JsonConverter(typeof(OptionalFiniteNumber))] double? StandardError,
    bool HigherIsBetter);
