using System.Net;
using System.Text.Json;
using Factory.Evals;
using Factory.Evals.Models;
using Factory.InferenceApi.Evaluation;
using Microsoft.Extensions.DependencyInjection;

namespace Factory.InferenceApi.Tests;

// A server evaluates one thing at a time: tests that have the shared one evaluate take turns.
[Collection("evaluations on the shared server")]
public sealed class EvalTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scores_are_those_of_the_evaluation_library()
    {
        var options = new EvaluationOptions { Tasks = ["arc_easy", "mmlu_philosophy"], Limit = 3, NumFewshot = 1 };
        EvaluationReport expected = (await EvaluationRunner.RunAsync(new RuntimeLanguageModel(model.Model), EvaluationPlan.From(options), progress: null, Ct)).Report;

        JsonElement report = await model.Server.AskAsync("/eval", new { tasks = new[] { "arc_easy", "mmlu_philosophy" }, limit = 3, num_fewshot = 1 });

        Assert.Equal(3, report.GetProperty("limit").GetInt32());
        Assert.Equal(expected.Model.BundleSha256, report.GetProperty("model").GetProperty("bundle_sha256").GetString());
        JsonElement[] tasks = [.. report.GetProperty("tasks").EnumerateArray()];
        Assert.Equal(expected.Tasks.Select(task => task.Name), tasks.Select(task => task.GetProperty("name").GetString()));
        foreach ((JsonElement task, Evals.Reporting.TaskReport wanted) in tasks.Zip(expected.Tasks))
        {
            Assert.Equal((3, 1, wanted.RequestSha256), (task.GetProperty("n").GetInt32(), task.GetProperty("num_fewshot").GetInt32(), task.GetProperty("request_sha256").GetString()));
            JsonElement accuracy = task.GetProperty("metrics").GetProperty("acc");
            Assert.Equal((wanted.Metrics["acc"].Value, wanted.Metrics["acc"].StandardError), (accuracy.GetProperty("value").GetDouble(), accuracy.GetProperty("stderr").GetDouble()));
        }
    }

    [Theory]
    [InlineData("arc_eazy")]
    [InlineData("ARC_EASY")]
    [InlineData("../../etc/passwd")]
    public async Task An_unknown_task_is_refused_with_the_known_names(string task)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/eval", JsonSerializer.Serialize(new { tasks = new[] { "arc_easy", task } }));
        string sentence = await ProblemAssert.NamesAsync("tasks", answer);
        Assert.StartsWith("expected names among arc_easy, ", sentence, StringComparison.Ordinal);
        Assert.EndsWith($"found '{task}'.", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_task_is_refused()
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/eval", """{"tasks":[]}""");
        Assert.Equal("expected from 1 to 256 items, found 0.", await ProblemAssert.NamesAsync("tasks", answer));
    }

    [Fact]
    public async Task A_task_whose_data_is_missing_is_refused_with_the_file()
    {
        using var empty = new TemporaryFolder();
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { DataDirectory = empty.Path });
        using HttpResponseMessage answer = await server.PostAsync("/eval", """{"tasks":["piqa"]}""");
        Assert.Contains("found no such file", await ProblemAssert.NamesAsync("tasks", answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_servers_text_file_is_what_perplexity_scores()
    {
        using HttpResponseMessage refused = await model.Server.PostAsync("/eval", """{"tasks":["perplexity"]}""");
        Assert.Contains("expected a text file for the task perplexity", await ProblemAssert.NamesAsync("tasks", refused), StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("text.txt"), "the man and the hound went out", Ct);
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { TextFile = folder.At("text.txt") });
        JsonElement report = await server.AskAsync("/eval", new { tasks = new[] { "perplexity" } });
        Assert.InRange(report.GetProperty("tasks")[0].GetProperty("metrics").GetProperty("word_perplexity").GetProperty("value").GetDouble(), 1, 1e300);
    }

    [Fact]
    public async Task Examples_that_have_no_data_are_refused_with_the_file()
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/eval", """{"tasks":["winogrande"],"limit":1,"num_fewshot":1}""");
        Assert.Contains("train_xl.jsonl and there is no such file", await ProblemAssert.NamesAsync("num_fewshot", answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("num_fewshot", """{"tasks":["piqa"],"num_fewshot":64}""", "expected at most 1 for piqa (2 examples to choose from), found 64.")]
    [InlineData("tasks", """{"tasks":["arc_easy"]}""", "arc/ARC-Easy/ARC-Easy-Test.jsonl, line 1: expected an object at 'question', found no such key.")]
    [InlineData("tasks", """{"tasks":["lambada_openai"]}""", "lambada_openai, document 0: expected a continuation of at most ")]
    [InlineData("tasks", """{"tasks":["boolq"]}""", "boolq: expected boolq/dev.jsonl among the evaluation sets, found no such file.")]
    public async Task A_mistake_in_the_data_names_the_field_and_tells_no_path_and_no_option(string field, string body, string expected)
    {
        using var data = new TemporaryFolder();
        foreach ((string name, string content) in new[]
        {
            ("arc/ARC-Easy/ARC-Easy-Test.jsonl", "{}\n"),
            ("lambada_openai/lambada_test.jsonl", $$"""{"text":"the {{string.Concat(Enumerable.Repeat("hound,and;", 2000))}}"}"""),
            ("piqa/valid.jsonl", """{"goal":"g","sol1":"a","sol2":"b"}""" + "\n"),
            ("piqa/valid-labels.lst", "0\n"),
            ("piqa/train.jsonl", """{"goal":"g","sol1":"a","sol2":"b","label":0}""" + "\n" + """{"goal":"h","sol1":"a","sol2":"b","label":1}""" + "\n"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(data.At(name))!);
            await File.WriteAllTextAsync(data.At(name), content, Ct);
        }
        await using TestServer server = await TestServer.StartAsync(model.Short, options => options with { DataDirectory = data.Path });
        using HttpResponseMessage answer = await server.PostAsync("/eval", body);
        string sentence = await ProblemAssert.NamesAsync(field, answer);
        Assert.StartsWith(expected, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("--", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(data.Path, sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_evaluation_is_told_to_come_back()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle);
        using (server.Services.GetRequiredService<EvalGate>().Enter())
        {
            using HttpResponseMessage refused = await server.PostAsync("/eval", """{"tasks":["arc_easy"],"limit":1}""");
            await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, refused);
            Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        }
        await server.AskAsync("/eval", new { tasks = new[] { "arc_easy" }, limit = 1 });
    }
}
