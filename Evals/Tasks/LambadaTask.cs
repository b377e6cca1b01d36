using Factory.Evals.Data;
using Factory.Evals.Scoring;
using Factory.Runtime;

namespace Factory.Evals.Tasks;

/// <summary>LAMBADA (Paperno et al., 2016) in OpenAI's edition: the last word of a passage.</summary>
internal sealed class LambadaTask() : ItemTask("lambada_openai", 1, ShotRule.Draw)
{
    protected override IReadOnlyList<string> EvaluatedFiles => ["lambada_openai/lambada_test.jsonl"];

    /// <summary>There is no other split: examples come from the passages that are scored.</summary>
    protected override IReadOnlyList<string> ShotFiles => EvaluatedFiles;

    public override IReadOnlyList<MetricScore> Score(
        IReadOnlyList<TaskDocument> documents, IReadOnlyList<IReadOnlyList<LogLikelihood>> answers, int bootstrapIterations, CancellationToken cancellation)
    {
        double[] logLikelihoods = [.. answers.Select(answer => answer[0].Value)];
        double[] hits = [.. answers.Select(answer => answer[0].IsGreedy ? 1.0 : 0.0)];
        return
        [
            new MetricScore("perplexity", Perplexity(Statistics.Mean(logLikelihoods)), Bootstrap.Error(logLikelihoods, Perplexity, bootstrapIterations, cancellation), HigherIsBetter: false),
            new MetricScore("acc", Statistics.Mean(hits), Statistics.ErrorOfMean(hits), HigherIsBetter: true),
        ];
    }

    protected override IEnumerable<ChoiceItem> Read(DataFile file, Func<string, DataFile> beside) => JsonRow.ReadAll(file).Select(Read);

    private static double Perplexity(double meanLogLikelihood) => Math.Exp(-meanLogLikelihood);

    private static ChoiceItem Read(JsonRow row)
    {
        string text = row.Text("text");
        int space = text.LastIndexOf(' ');
        string last = text[(space + 1)..];
        return ChoiceItem.Of(space < 0 ? "" : text[..space], [last], 0) with
        {
            // The harness's target starts with a space of its own, so an example has two.
            Solved = $"{(space < 0 ? "" : text[..space])}  {last}",
        };
    }
}
