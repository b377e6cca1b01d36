using System.Text.Json;
using Factory.Evals.Reporting;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;

namespace Factory.Evals.Tests;

/// <summary>
/// Real runs of the harness on tiny models, repeated from the weights on: checkpoint, export, runtime, tasks. Every document's
/// log-likelihood and every score is the harness's.
/// </summary>
public sealed class HarnessRunTests(HarnessRunFixture fixture)
{
    private const int Documents = 25;

    private const string End = ".jsonl.gz";

    /// <summary>Batching noise of the harness is below; a token gone astray is far above.</summary>
    private const double Tolerance = 2e-3;

    /// <summary>Every run there is, but those over pages of text.</summary>
    public static TheoryData<string, string> Runs => [.. GoldenData.Names("lm_eval_run")
        .SelectMany(name => GoldenData.Names("lm_eval_run", name).Where(file => file.EndsWith(End, StringComparison.Ordinal)).Select(file => (name, file[..^End.Length])))
        .Where(run => run.Item2 != "wikitext")];

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Log_likelihoods_and_scores_are_the_harnesss(string name, string run)
    {
        (string task, int shots) = run.LastIndexOf('-') is > 0 and int dash ? (run[..dash], run[dash + 1] - '0') : (run, 0);
        IReadOnlyList<JsonElement> expected = Golden.Rows("lm_eval_run", name, $"{run}.jsonl.gz");
        var options = new EvaluationOptions
        {
            Tasks = [task],
            DataDirectory = Golden.Data,
            NumFewshot = shots,
            Limit = Documents,
            BootstrapIterations = 100,
        };

        EvaluationRun found = await EvaluationRunner.RunAsync(fixture.Model(name), EvaluationPlan.From(options), progress: null, TestContext.Current.CancellationToken);

        double[] answers = [.. Assert.Single(found.Tasks).Documents.SelectMany(document => document.Responses).Select(answer => ((LogLikelihoodResponse)answer).LogLikelihood)];
        double[] logLikelihoods = [.. expected.SelectMany(row => row.GetProperty("answers").EnumerateArray()).Select(answer =>
            answer[0].GetDouble())];
        Assert.Equal(logLikelihoods.Length, answers.Length);
        Assert.All(logLikelihoods.Zip(answers), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        AssertScores(GoldenData.At("lm_eval_run", name, "results.json"), run, Assert.Single(found.Report.Tasks));
    }

    private static void AssertScores(string results, string run, TaskReport report)
    {
        JsonElement expected = JsonElement.Parse(File.ReadAllText(results)).GetProperty(run);
        Assert.Equal(expected.GetProperty("n").GetInt32(), report.N);
        Assert.Equal(expected.GetProperty("version").GetDouble(), report.Version);
        Assert.Equal(expected.GetProperty("num_fewshot").GetInt32(), report.NumFewshot);
        foreach (JsonProperty metric in expected.GetProperty("results").EnumerateObject().Where(metric => metric.Name != "sample_len"))
        {
            string name = metric.Name.Split(',')[0];
            MetricScore score = report.Metrics[name.Replace("_stderr", "", StringComparison.Ordinal)];
            double value = name.EndsWith("_stderr", StringComparison.Ordinal) ? score.StandardError!.Value : score.Value;
            // Perplexities magnify the noise of log-likelihoods; accuracies must be equal.
            double tolerance = name.Contains("perplexity", StringComparison.Ordinal) ? 1e-3 * metric.Value.GetDouble() : 1e-9;
            Assert.Equal(metric.Value.GetDouble(), value, tolerance);
        }
    }
}
