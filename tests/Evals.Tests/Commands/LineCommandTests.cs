using System.Text.Json;
using Factory.Evals.Requests;
using Factory.Evals.Tokens;
using Factory.Runtime;

namespace Factory.Evals.Tests.Commands;

/// <summary>The commands that answer line by line.</summary>
public sealed class LineCommandTests(BundleFixture bundles)
{
    [Fact]
    public async Task Logits_gives_every_positions_row_without_a_tokenizer()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, "[1, 2, 3]\n\n[60]\n", "logits", "--model", bundles.Wordless);
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        float[][][] found = [.. run.Lines.Select(line => JsonSerializer.Deserialize<float[][]>(line)!)];
        using LanguageModel model = LanguageModel.Load(Bundle.Open(bundles.Wordless), new RuntimeOptions { Provider = ProviderChoice.Cpu });
        Assert.Equal([3, 1], found.Select(rows => rows.Length));
        Assert.Equal(model.Logits([1, 2, 3]), found[0].SelectMany(row => row));
        Assert.Equal(model.Logits([60]), found[1].SelectMany(row => row));
    }

    [Fact]
    public async Task Score_adds_log_likelihood_greediness_and_tokens()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(
            bundles.WorkingDirectory, "{\"context\":\"To be\",\"continuation\":\", or\"}\n{\"context\":\"\",\"continuation\":\"Now\"}\n", "score");
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        Assert.Equal(2, run.Lines.Length);
        JsonElement first = JsonElement.Parse(run.Lines[0]);
        Assert.Equal("To be", first.GetProperty("context").GetString());
        Assert.Equal(", or", first.GetProperty("continuation").GetString());

        using LanguageModel model = LanguageModel.Load(Bundle.Open(bundles.Tiny), new RuntimeOptions { Provider = ProviderChoice.Cpu });
        TokenPair pair = await new PairEncoder(new LocalTextEncoder(model.Bundle.Tokenizer!)).EncodeAsync(0, new LogLikelihoodRequest("To be", ", or"), TestContext.Current.CancellationToken);
        double[][] logits = bundles.Checkpoint.Reference.Logits([.. pair.Context, .. pair.Continuation]);
        double expected = pair.Continuation.Select((id, i) => logits[pair.Context.Length + i - 1]).Zip(pair.Continuation, (row, id) => row[id] - Math.Log(row.Sum(Math.Exp))).Sum();
        Assert.Equal(expected, first.GetProperty("logLikelihood").GetDouble(), 1e-4);
        Assert.Equal(pair.Continuation.Length, first.GetProperty("tokens").GetInt32());
        Assert.False(first.GetProperty("isGreedy").GetBoolean());
    }

    [Theory]
    [InlineData("logits", "[1,61]", "stdin, line 2: ", "expected token ids from 0 to 60, found 61.")]
    [InlineData("logits", "[-1]", "stdin, line 2: ", "expected token ids from 0 to 60, found -1.")]
    [InlineData("logits", "[]", "stdin, line 2: ", "expected at least one token id, found none.")]
    [InlineData("logits", "[1.5]", "stdin, line 2: ", "expected a JSON array of token ids such as [1,15043], found '[1.5]': byte 5: a value of another type (at $[0]).")]
    [InlineData("logits", "{}", "stdin, line 2: ", "expected a JSON array of token ids such as [1,15043], found '{}': byte 2: a value of another type.")]
    public async Task A_line_that_logits_cannot_answer_is_named_after_the_answers_before_it(string command, string line, string place, string expected)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, $"[0]\n{line}\n", command, "--model", bundles.Wordless);
        Assert.Equal(2, run.ExitCode);
        Assert.Single(run.Lines);
        string last = run.Errors.TrimEnd().Split('\n')[^1];
        Assert.StartsWith(place, last, StringComparison.Ordinal);
        Assert.EndsWith(expected, last, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"context\":\"a\"}", "'continuation'")]
    [InlineData("{\"context\":\"a\",\"continuation\":null}", "continuation")]
    [InlineData("{\"context\":\"a\",\"continuation\":\"b\",\"extra\":1}", "extra")]
    [InlineData("{\"context\":\"a\",\"continuation\":\"\"}", "token of its own")]
    [InlineData("nonsense", "expected a JSON object")]
    public async Task A_line_that_score_cannot_answer_is_named(string line, string expected)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, line + "\n", "score");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        string last = run.Errors.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("stdin, line 1: ", last, StringComparison.Ordinal);
        Assert.Contains(expected, last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_prints_every_question_of_the_samples_in_file_order()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, "", "requests", "--task", "arc_easy", "--num-fewshot", "1", "--limit", "3");
        Assert.Equal(0, run.ExitCode);
        JsonElement[] lines = [.. run.Lines.Select(line => JsonElement.Parse(line))];
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], lines.Select(line => line.GetProperty("doc").GetInt32()));
        Assert.Equal([0, 1, 2, 3], lines.Take(4).Select(line => line.GetProperty("choice").GetInt32()));
        Assert.StartsWith("Question: ", lines[0].GetProperty("context").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("\nAnswer:", lines[0].GetProperty("context").GetString(), StringComparison.Ordinal);
        Assert.Equal(" Sunlight is the source of energy for nearly all ecosystems.", lines[0].GetProperty("continuation").GetString());
    }

    [Fact]
    public async Task Tasks_lists_every_name_with_the_file_it_reads()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, "", "tasks");
        Assert.Equal(0, run.ExitCode);
        Assert.All(EvaluationTasks.Names, name => Assert.Contains(name, run.Output, StringComparison.Ordinal));
        Assert.Contains("piqa/valid.jsonl", run.Output, StringComparison.Ordinal);
    }
}
