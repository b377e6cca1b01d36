using System.Text.Json;
using Factory.Evals.Data;
using Factory.Evals.Python;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;
using Factory.Runtime;

namespace Factory.Evals.Tests.Tasks;

/// <summary>
/// The harness's own golden files: the hash of every question, documents in the order of random.Random(42).shuffle, and the metrics under its drawn
/// log-likelihoods.
/// </summary>
public sealed class GoldenTaskTests
{
    private const double Tolerance = 1e-13;

    [Theory]
    [InlineData("arc_easy", "arc_easy-v0")]
    [InlineData("piqa", "piqa-v0")]
    [InlineData("winogrande", "winogrande-v0")]
    public void Questions_and_scores_are_the_harnesss(string task, string golden) => AssertGolden(Prepare(task), golden);

    [Fact]
    public void Questions_and_scores_of_every_old_MMLU_subject_with_golden_files_are_the_harnesss()
    {
        const string End = "-v0-loglikelihood";
        string[] tasks = [.. Directory.EnumerateFiles(GoldenData.At("lm_eval_golden", "testdata"), $"hendrycksTest-*{End}").Select(path => Path.GetFileName(path)[..^End.Length])];
        Assert.NotEmpty(tasks);
        Assert.All(tasks, task => AssertGolden(Prepare(task), $"{task}-v0"));
    }

    [Fact]
    public void Boolq_is_the_harnesss_once_its_choices_are_in_the_old_order()
    {
        PreparedTask task = Prepare("boolq");
        AssertGolden(
            task with
            {
                Documents = [.. task.Documents.Cast<ChoiceDocument>().Select(document => new ChoiceDocument(
                    [.. document.Requests.Reverse()], 1 - document.Gold, [.. document.Lengths.Reverse()]))],
            },
            "boolq-v1");
    }

    [Fact]
    public void Lambada_is_the_harnesss_once_each_question_is_asked_twice()
    {
        const string Expected = "lambada_openai-v0";
        // The old task asked apart for the log-likelihood and for whether the word is the likeliest.
        PreparedTask task = Prepare("lambada_openai");
        task = Shuffled(task with { Documents = [.. task.Documents.Select(document => document with { Requests = [document.Requests[0], document.Requests[0]] })] });
        Assert.Equal(Golden.RequestSha256(Expected), task.RequestSha256);
        IReadOnlyDictionary<string, double> expected = Golden.Metrics(Expected);
        IReadOnlyList<MetricScore> found = task.Score(Ask(task), bootstrapIterations: 10, TestContext.Current.CancellationToken);
        MetricScore perplexity = found.Single(metric => metric.Name == "perplexity");
        Assert.Equal(expected["ppl"], perplexity.Value, Tolerance);
        Assert.Equal(expected["ppl_stderr"], perplexity.StandardError!.Value, Tolerance);
        Assert.Equal(expected["acc"], found.Single(metric => metric.Name == "acc").Value, Tolerance);
    }

    [Fact]
    public void Wikitext_is_the_harnesss()
    {
        PreparedTask task = Shuffled(Prepare("wikitext"));
        Assert.Equal(Golden.RequestSha256("wikitext-v1", "loglikelihood_rolling"), task.RequestSha256);
        AssertMetrics(Golden.Metrics("wikitext-v1"), task);
        Assert.Equal(62, task.Documents.Count);
        Assert.Equal(241_335, task.Documents.Cast<TextDocument>().Sum(document => document.Words));
        Assert.Equal(1_290_527, task.Documents.Cast<TextDocument>().Sum(document => document.Bytes));
    }

    [Theory]
    [InlineData("arc_easy")]
    [InlineData("piqa")]
    [InlineData("winogrande")]
    public void Every_document_has_the_questions_and_the_score_that_were_derived_from_the_golden_files(string name)
    {
        PreparedTask task = Prepare(name);
        foreach (JsonElement row in Golden.Rows("lm_eval_golden", "derived", $"{name}.jsonl.gz"))
        {
            var document = (ChoiceDocument)task.Documents[row.GetProperty("doc_index").GetInt32()];
            Assert.Equal(
                row.GetProperty("requests").EnumerateArray().Select(request => new LogLikelihoodRequest(request[0].GetString()!, request[1].GetString()!)),
                document.Requests);
            Assert.Equal(row.GetProperty("gold").GetInt32(), document.Gold);
            LogLikelihood[] answers = [.. row.GetProperty("fake_loglikelihoods").EnumerateArray().Select(value => new LogLikelihood(value.GetDouble(), false, 1))];
            foreach (MetricScore score in task.Task.Score([document], [answers], 0, TestContext.Current.CancellationToken))
            {
                Assert.Equal(row.GetProperty(score.Name).GetDouble(), score.Value);
            }
        }
    }

    private static PreparedTask Prepare(string name) =>
        ((ScoredTask)EvaluationTasks.Find(name)).Prepare(DataFolder.Open(Golden.Data), new EvaluationOptions { Tasks = [name] });

    private static PreparedTask Shuffled(PreparedTask task)
    {
        TaskDocument[] documents = [.. task.Documents];
        new PythonRandom(42).Shuffle(documents);
        return task with { Documents = documents };
    }

    private static void AssertGolden(PreparedTask task, string golden)
    {
        task = Shuffled(task);
        Assert.Equal(Golden.RequestSha256(golden), task.RequestSha256);
        AssertMetrics(Golden.Metrics(golden), task);
    }

    private static void AssertMetrics(IReadOnlyDictionary<string, double> expected, PreparedTask task)
    {
        var found = new Dictionary<string, double>();
        foreach (MetricScore score in task.Score(Ask(task), 0, TestContext.Current.CancellationToken))
        {
            found.Add(score.Name, score.Value);
            if (score.StandardError is double error)
            {
                found.Add($"{score.Name}_stderr", error);
            }
        }
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        Assert.All(expected, metric => Assert.Equal(metric.Value, found[metric.Key], Tolerance));
    }

    private static IReadOnlyList<IReadOnlyList<LogLikelihood>> Ask(PreparedTask task) => task.Ask(new DrawnModel(), progress: null, TestContext.Current.CancellationToken);
}
