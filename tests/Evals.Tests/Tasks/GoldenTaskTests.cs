using System.Text.Json;
using Factory.Evals.Data;
using Factory.Evals.Models;
using Factory.Evals.Python;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests.Tasks;

/// <summary>
/// The harness's own golden files: the hash of every question, documents in the order of random.Random(42).shuffle, and the metrics under its drawn
/// log-likelihoods.
/// </summary>
public sealed class GoldenTaskTests
{
    private const double Tolerance = 1e-13;

    /// <summary>Younger than the golden files.</summary>
    private const string NotInGolden = "acc_bytes";

    [Theory]
    [InlineData("arc_easy", "arc_easy-v0")]
    [InlineData("piqa", "piqa-v0")]
    [InlineData("winogrande", "winogrande-v0")]
    public Task Questions_and_scores_are_the_harnesss(string task, string golden) => AssertGoldenAsync(Prepare(task), golden);

    [Fact]
    public async Task Questions_and_scores_of_every_old_MMLU_subject_with_golden_files_are_the_harnesss()
    {
        const string End = "-v0-loglikelihood";
        string[] subjects = [.. Directory.EnumerateFiles(GoldenData.At("lm_eval_golden", "testdata"), $"hendrycksTest-*{End}").Select(path => Path.GetFileName(path)["hendrycksTest-".Length..^End.Length])];
        Assert.NotEmpty(subjects);
        foreach (string subject in subjects)
        {
            await AssertGoldenAsync(OldMmlu.Task(subject).Prepare(DataFolder.Open(Golden.Data), new EvaluationOptions { Tasks = [subject] }), $"hendrycksTest-{subject}-v0");
        }
    }

    [Fact]
    public Task Boolq_is_the_harnesss_once_its_choices_are_in_the_old_order()
    {
        PreparedTask task = Prepare("boolq");
        return AssertGoldenAsync(
            task with
            {
                Documents = [.. task.Documents.Cast<ChoiceDocument>().Select(document => new ChoiceDocument(
                    [.. document.Questions.Reverse()], [.. document.Choices.Reverse()], 1 - document.Gold))],
            },
            "boolq-v1");
    }

    [Fact]
    public async Task Lambada_is_the_harnesss_once_each_question_is_asked_twice()
    {
        const string Expected = "lambada_openai-v0";
        // The old task asked apart for the log-likelihood and for whether the word is the likeliest.
        PreparedTask task = Prepare("lambada_openai");
        task = Shuffled(task with { Documents = [.. task.Documents.Cast<ChoiceDocument>().Select(document => document with { Questions = [document.Questions[0], document.Questions[0]] })] });
        Assert.Equal(Golden.RequestSha256(Expected), task.RequestSha256);
        IReadOnlyDictionary<string, double> expected = Golden.Metrics(Expected);
        IReadOnlyList<MetricScore> found = await ScoreAsync(task, bootstrapIterations: 10);
        MetricScore perplexity = found.Single(metric => metric.Name == "perplexity");
        Assert.Equal(expected["ppl"], perplexity.Value, Tolerance);
        Assert.Equal(expected["ppl_stderr"], perplexity.StandardError!.Value, Tolerance);
        Assert.Equal(expected["acc"], found.Single(metric => metric.Name == "acc").Value, Tolerance);
    }

    [Fact]
    public async Task Wikitext_is_the_harnesss()
    {
        PreparedTask task = Shuffled(Prepare("wikitext"));
        Assert.Equal(Golden.RequestSha256("wikitext-v1", "loglikelihood_rolling"), task.RequestSha256);
        await AssertMetricsAsync(Golden.Metrics("wikitext-v1"), task);
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
                document.Questions);
            Assert.Equal(row.GetProperty("gold").GetInt32(), document.Gold);
            EvaluationResponse[] answers = [.. row.GetProperty("fake_loglikelihoods").EnumerateArray().Select(value => new LogLikelihoodResponse(value.GetDouble(), false, 1))];
            foreach (MetricScore score in task.Task.Score([document], [answers], 0, TestContext.Current.CancellationToken).Where(score => score.Name != NotInGolden))
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

    private static async Task AssertGoldenAsync(PreparedTask task, string golden)
    {
        task = Shuffled(task);
        Assert.Equal(Golden.RequestSha256(golden), task.RequestSha256);
        await AssertMetricsAsync(Golden.Metrics(golden), task);
    }

    private static async Task AssertMetricsAsync(IReadOnlyDictionary<string, double> expected, PreparedTask task)
    {
        var found = new Dictionary<string, double>();
        foreach (MetricScore score in (await ScoreAsync(task, 0)).Where(score => score.Name != NotInGolden))
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

    private static async Task<IReadOnlyList<MetricScore>> ScoreAsync(PreparedTask task, int bootstrapIterations)
    {
        IReadOnlyList<EvaluationResponse> responses = await new DrawnModel().AskAllAsync([.. task.Documents.SelectMany(document => document.Requests)], progress: null, TestContext.Current.CancellationToken);
        var byDocument = new List<IReadOnlyList<EvaluationResponse>>();
        foreach (TaskDocument document in task.Documents)
        {
            byDocument.Add([.. responses.Skip(byDocument.Sum(part => part.Count)).Take(document.Requests.Count)]);
        }
        return task.Task.Score(task.Documents, byDocument, bootstrapIterations, TestContext.Current.CancellationToken);
    }
}
