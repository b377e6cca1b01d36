using System.Text;
using System.Text.Json;
using Factory.Evals.Models;
using Factory.Evals.Python;
using Factory.Evals.Requests;
using Factory.Evals.Scoring;
using Factory.Evals.Tasks;

namespace Factory.Evals.Tests;

/// <summary>
/// The harness's real runs over WikiText. They read pages that keep the line end between them, other than the published page set that the task
/// (and its golden hash) has; so the pages are cut here as that run cut them.
/// </summary>
public sealed class HarnessRollingRunTests(HarnessRunFixture fixture)
{
    /// <summary>Enough for pages of two windows of 512 tokens and more.</summary>
    private const int Shortest = 4;

    public static TheoryData<string> Models => [.. GoldenData.Names("lm_eval_run").Where(name => GoldenData.Find("lm_eval_run", name, "wikitext.jsonl.gz") is not null)];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Log_likelihoods_of_pages_in_windows_are_the_harnesss(string name)
    {
        (TextDocument Page, double LogLikelihood)[] pages = [.. Pages().Zip(LogLikelihoods(name)).OrderBy(pair => pair.First.Text.Length).Take(Shortest)];
        RollingResponse[] found = [.. (await fixture.Model(name).AskAllAsync(
            [.. pages.Select(page => new RollingRequest(page.Page.Text))], progress: null, TestContext.Current.CancellationToken)).Cast<RollingResponse>()];
        // 2e-3 a hundred tokens or so: the noise of single log-likelihoods adds up.
        Assert.All(pages.Zip(found), pair => Assert.Equal(pair.First.LogLikelihood, pair.Second.LogLikelihood, 2e-3 + (2e-6 * Math.Abs(pair.First.LogLikelihood))));
        Assert.All(found, answer => Assert.True(answer.Tokens > 512));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Perplexities_over_pages_are_the_harnesss(string name)
    {
        var task = (ScoredTask)EvaluationTasks.Find("wikitext");
        IReadOnlyList<IReadOnlyList<EvaluationResponse>> answers = [.. LogLikelihoods(name).Select(value => new[] { new RollingResponse(value, 1) })];
        JsonElement expected = JsonElement.Parse(File.ReadAllText(GoldenData.At("lm_eval_run", name, "results.json"))).GetProperty("wikitext").GetProperty("results");
        IReadOnlyList<MetricScore> found = task.Score([.. Pages().Take(answers.Count)], answers, 0, TestContext.Current.CancellationToken);
        Assert.Equal(3, found.Count);
        Assert.All(found, score =>
        {
            double value = expected.GetProperty($"{score.Name},none").GetDouble();
            Assert.Equal(value, score.Value, 1e-12 * value);
            Assert.Null(score.StandardError);
        });
    }

    private static double[] LogLikelihoods(string name) =>
        [.. Golden.Rows("lm_eval_run", name, "wikitext.jsonl.gz").Select(row => row.GetProperty("answers")[0].GetDouble())];

    private static IEnumerable<TextDocument> Pages()
    {
        string text = File.ReadAllText(GoldenData.At("wikitext-2-raw", "wiki.test.raw"));
        var pages = new List<StringBuilder>();
        foreach (string line in text.Split('\n'))
        {
            bool title = line.StartsWith(" = ", StringComparison.Ordinal) && !line.StartsWith(" = = ", StringComparison.Ordinal);
            // The first page has the blank line before its title.
            if (pages.Count == 0 || (title && pages is not [{ Length: <= 2 }]))
            {
                pages.Add(new StringBuilder());
            }
            pages[^1].Append(line).Append('\n');
        }
        return pages.Select(page => page.ToString()).Select(page =>
            new TextDocument(WikitextDetokenizer.Detokenize(page), PythonText.PiecesBetweenSpaces(page), Encoding.UTF8.GetByteCount(page)));
    }
}
