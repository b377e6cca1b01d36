using Factory.Evals.Scoring;
using Factory.Runtime;

namespace Factory.Evals.Tasks;

/// <summary>The model's choice is the answer it finds most likely.</summary>
/// <param name="normalized">Whether accuracy with length-normalized log-likelihoods is reported too.</param>
public abstract class MultipleChoiceTask(string name, double version, ShotRule shotRule, bool normalized) : ItemTask(name, version, shotRule)
{
    public sealed override IReadOnlyList<MetricScore> Score(
        IReadOnlyList<TaskDocument> documents, IReadOnlyList<IReadOnlyList<LogLikelihood>> answers, int bootstrapIterations, CancellationToken cancellation)
    {
        var plain = new List<double>();
        var byLength = new List<double>();
        foreach ((ChoiceDocument document, IReadOnlyList<LogLikelihood> choices) in documents.Cast<ChoiceDocument>().Zip(answers))
        {
            double[] values = [.. choices.Select(choice => choice.Value)];
            plain.Add(Accuracy.Of(values, document.Gold));
            byLength.Add(Accuracy.NormalizedOf(values, document.Lengths, document.Gold));
        }
        return normalized ? [Of("acc", plain), Of("acc_norm", byLength)] : [Of("acc", plain)];
    }

    private static MetricScore Of(string metric, IReadOnlyList<double> hits) =>
        new(metric, Statistics.Mean(hits), Statistics.ErrorOfMean(hits), HigherIsBetter: true);
}
