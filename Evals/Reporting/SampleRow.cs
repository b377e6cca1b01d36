using System.Text.Json.Serialization;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Reporting;

/// <summary>What was asked, answered and found in one document: a line of the file beside a report. Comparisons and merged shards are made of these.</summary>
/// <param name="Doc">Place among the task's documents, from zero.</param>
/// <param name="Question">The end of what was asked, without the examples' beginning.</param>
/// <param name="Choices">The choices' texts; null where there are none.</param>
/// <param name="Gold">Index of the right choice; null where there are none.</param>
/// <param name="LogLikelihoods">One a request, nats; null where the model wrote.</param>
/// <param name="Text">What the model wrote; null where it scored.</param>
/// <param name="References">What it should have written; null where it scored.</param>
/// <param name="Values">What each metric found: its value and, where that is not one, its weight.</param>
public sealed record SampleRow(
    string Task,
    int Doc,
    string Question,
    IReadOnlyList<string>? Choices,
    int? Gold,
    IReadOnlyList<double?>? LogLikelihoods,
    string? Text,
    IReadOnlyList<string>? References,
    IReadOnlyDictionary<string, IReadOnlyList<double?>> Values)
{
    private const int LongestQuestion = 400;

    /// <summary>The choice that the model finds likeliest; null where there are none.</summary>
    [JsonIgnore]
    public int? Chosen => Choices is null || LogLikelihoods is null ? null : LogLikelihoods.Index().MaxBy(item => item.Item ?? double.NegativeInfinity).Index;

    internal static SampleRow From(ScoredTask task, AnsweredDocument answered)
    {
        var choices = answered.Document as ChoiceDocument;
        return new SampleRow(
            task.Name,
            answered.Place,
            Tail(answered.Document.Requests[0]),
            choices?.Choices,
            choices?.Gold,
            answered.Responses.All(response => response is GenerationResponse) ? null : [.. answered.Responses.Select(LogLikelihood)],
            (answered.Responses[0] as GenerationResponse)?.Text,
            (answered.Document as GenerationDocument)?.References,
            task.Metrics.ToDictionary(metric => metric.Name, metric => Pack(metric.Measure(answered.Document, answered.Responses))));
    }

    /// <summary>What <paramref name="metric"/> found here.</summary>
    internal Measurement Measured(string metric) => Values.TryGetValue(metric, out IReadOnlyList<double?>? values)
        ? new Measurement(values[0] ?? double.NaN, values.Count > 1 ? values[1] ?? double.NaN : 1)
        : new Measurement(double.NaN);

    private static string Tail(EvaluationRequest request)
    {
        string text = request switch
        {
            LogLikelihoodRequest pair => pair.Context,
            RollingRequest rolling => rolling.Text,
            GenerationRequest generation => generation.Context,
            _ => "",
        };
        if (text.Length <= LongestQuestion)
        {
            return text;
        }
        int start = text.Length - LongestQuestion;
        return "…" + text[(char.IsLowSurrogate(text[start]) ? start + 1 : start)..];
    }

    private static double? LogLikelihood(EvaluationResponse response) => Finite(response switch
    {
        LogLikelihoodResponse pair => pair.LogLikelihood,
        RollingResponse rolling => rolling.LogLikelihood,
        _ => double.NaN,
    });

    private static IReadOnlyList<double?> Pack(Measurement found) => found.Weight == 1 ? [Finite(found.Value)] : [Finite(found.Value), Finite(found.Weight)];

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SampleRow))]
internal sealed partial class SampleRowJson : JsonSerializerContext;
