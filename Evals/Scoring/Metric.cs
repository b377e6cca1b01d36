using Factory.Evals.Requests;

namespace Factory.Evals.Scoring;

/// <summary>A number that a task reports: what is measured in each document, and how the measurements become a score.</summary>
/// <param name="Name">As the harness spells it.</param>
/// <param name="HigherIsBetter">Which way is good.</param>
/// <param name="Measure">From a document and its responses, in the order of its requests.</param>
public sealed record Metric(string Name, bool HigherIsBetter, Aggregation Aggregation, Func<TaskDocument, IReadOnlyList<EvaluationResponse>, Measurement> Measure)
{
    /// <summary>The score over all documents.</summary>
    /// <param name="bootstrapIterations">Resamples behind a standard error without closed form; 0: none.</param>
    public MetricScore Score(IReadOnlyList<Measurement> measurements, int bootstrapIterations, CancellationToken cancellationToken)
    {
        double[] values = [.. measurements.Select(measurement => measurement.Value)];
        return Aggregation switch
        {
            Aggregation.Mean => New(Statistics.Mean(values), Statistics.ErrorOfMean(values)),
            Aggregation.Perplexity => New(Perplexity(Statistics.Mean(values)), Bootstrap.Error(values, Perplexity, bootstrapIterations, cancellationToken)),
            Aggregation.WeightedPerplexity => New(Perplexity(PerUnit()), error: null),
            Aggregation.Bits => New(-PerUnit() / Math.Log(2), error: null),
        };

        MetricScore New(double value, double? error) => new(Name, value, error, HigherIsBetter);

        double PerUnit() => values.Sum() / measurements.Sum(measurement => measurement.Weight);
    }

    private static double Perplexity(double meanLogLikelihood) => Math.Exp(-meanLogLikelihood);
}
