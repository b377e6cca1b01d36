using System.Text.Json;
using System.Text.Json.Nodes;
using Factory.Evals.Tests.Commands;

namespace Factory.Evals.Tests.Gates;

/// <summary>Evals gate and compare on made reports: 200 questions of arc_easy, a perplexity over 40 passages.</summary>
public sealed class GateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_equal_candidate_passes()
    {
        Write("a", right: 120);
        Write("b", right: 120);
        EvalsProcess gate = await GateAsync(expectedExit: 0);
        Assert.EndsWith("Gate: passed.", gate.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worse_candidate_fails_with_or_without_its_samples(bool samples)
    {
        Write("a", right: 120, samples: samples);
        Write("b", right: 95, samples: samples);
        EvalsProcess gate = await GateAsync(expectedExit: 1, "--output", "verdict.json", "--markdown", "verdict.md");
        Assert.Contains("arc_easy acc: 0.6000 in the baseline, 0.4750 in the candidate: worse by 0.1250, more than 0.1000 is never allowed.", gate.Output, StringComparison.Ordinal);
        Assert.False(JsonElement.Parse(File.ReadAllText(_folder.At("verdict.json"))).GetProperty("passes").GetBoolean());
        Assert.StartsWith("### Gate: failed\n\n- arc_easy acc: ", File.ReadAllText(_folder.At("verdict.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drop_that_may_be_chance_passes_and_one_that_is_not_fails()
    {
        Write("a", right: 120);
        // Six answers worse and one better: p = 8/128, not below 0.05.
        Write("b", right: 115, swapped: 1);
        await GateAsync(expectedExit: 0);
        Write("b", right: 114);
        EvalsProcess gate = await GateAsync(expectedExit: 1);
        Assert.Contains("and not by chance (p = 0.0156, McNemar, exact).", gate.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_higher_perplexity_fails()
    {
        Write("a", right: 120);
        Write("b", right: 120, logLikelihood: -3.1);
        EvalsProcess gate = await GateAsync(expectedExit: 1);
        Assert.Contains("lambada_openai perplexity: 20.0855 in the baseline, 22.1980 in the candidate: worse by 10.5 %, more than 10.0 % is never allowed.", gate.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tasks", "arc_easy: expected the task as in the baseline, found none.")]
    [InlineData("data", "arc_easy: expected the baseline's data (arc/ARC-Easy/ARC-Easy-Test.jsonl, SHA-256 aaaaaaaaaaaa…), found bbbbbbbbbbbb….")]
    [InlineData("n", "arc_easy: expected answers to 200 documents as in the baseline, found 199.")]
    [InlineData("requests", "arc_easy: expected the baseline's questions, found others (their hashes differ).")]
    [InlineData("shots", "arc_easy: expected 0 examples as in the baseline, found 5.")]
    [InlineData("version", "arc_easy: expected version 1 as in the baseline, found 2.")]
    [InlineData("nan", "arc_easy acc: expected a number, found none.")]
    public async Task What_cannot_be_held_against_the_baseline_fails(string fault, string expected)
    {
        Write("a", right: 120);
        Write("b", right: 200, change: task =>
        {
            switch (fault)
            {
                case "tasks": task["name"] = "arc_challenge"; break;
                case "data": task["data_sha256"]!["arc/ARC-Easy/ARC-Easy-Test.jsonl"] = new string('b', 64); break;
                case "n": task["n"] = 199; break;
                case "requests": task["request_sha256"] = "other"; break;
                case "shots": task["num_fewshot"] = 5; break;
                case "version": task["version"] = 2; break;
                case "nan": task["metrics"]!["acc"]!["value"] = null; break;
            }
        });
        EvalsProcess gate = await GateAsync(expectedExit: 1);
        Assert.Contains(expected, gate.Output.Split('\n'));
    }

    [Fact]
    public async Task Rules_of_ones_own_change_the_verdict()
    {
        Write("a", right: 120);
        Write("b", right: 95);
        await File.WriteAllTextAsync(_folder.At("gate.json"), """{"tasks":{"arc_easy":{"max_drop":0.2,"hard_drop":0.3}}}""", TestContext.Current.CancellationToken);
        await GateAsync(expectedExit: 0, "--rules", "gate.json");
        await File.WriteAllTextAsync(_folder.At("gate.json"), """{"tasks":{"arc_easy":{"max_drop":0.2,"hard_drop":0.3,"min":0.5}}}""", TestContext.Current.CancellationToken);
        Assert.Contains("arc_easy acc: expected at least 0.5, found 0.4750.", (await GateAsync(expectedExit: 1, "--rules", "gate.json")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"max_dorp":0.1}""", "gate.json: expected gate rules (max_drop, hard_drop, significance, tasks), found:")]
    [InlineData("""{"max_drop":-1}""", "gate.json: expected 0 or more at 'max_drop', found -1.")]
    [InlineData("""{"tasks":{"arc_eazy":{}}}""", "gate.json: expected names of tasks at 'tasks', found 'arc_eazy'. Did you mean 'arc_easy'?")]
    [InlineData("", "gate.json: expected gate rules")]
    public async Task Wrong_rules_are_wrong_use(string rules, string expected)
    {
        Write("a", right: 120);
        Write("b", right: 120);
        await File.WriteAllTextAsync(_folder.At("gate.json"), rules, TestContext.Current.CancellationToken);
        Assert.StartsWith(expected, (await GateAsync(expectedExit: 2, "--rules", "gate.json")).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_report_is_wrong_use()
    {
        Write("a", right: 120);
        await GateAsync(expectedExit: 2);
        await File.WriteAllTextAsync(_folder.At("b.json"), "{}", TestContext.Current.CancellationToken);
        Assert.StartsWith("b.json: expected a report of 'Evals run', found", (await GateAsync(expectedExit: 2)).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", "null")]
    [InlineData("tasks", "null")]
    [InlineData("tasks", "[null]")]
    [InlineData("groups", "null")]
    [InlineData("packages", "null")]
    public async Task A_report_with_a_null_where_none_may_stand_is_wrong_use(string key, string value)
    {
        Write("a", right: 120);
        JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(_folder.At("a.json"), TestContext.Current.CancellationToken))!;
        report[key] = JsonNode.Parse(value);
        await File.WriteAllTextAsync(_folder.At("b.json"), report.ToJsonString(), TestContext.Current.CancellationToken);
        Assert.StartsWith($"b.json: expected a report of 'Evals run', found: a null or a count below zero in '{key}'", (await GateAsync(expectedExit: 2)).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_gives_effect_interval_and_verdict_for_each_task()
    {
        Write("a", right: 120);
        Write("b", right: 95);
        EvalsProcess compare = await EvalsProcess.RunAsync(_folder.Path, "", "compare", "a.json", "b.json", "--output", "diff.json");
        Assert.Equal("", compare.ExitCode == 0 ? "" : compare.Errors);
        JsonElement[] found = [.. JsonElement.Parse(File.ReadAllText(_folder.At("diff.json"))).EnumerateArray()];
        Assert.Equal(["acc", "perplexity", "acc"], found.Select(item => item.GetProperty("metric").GetString()));
        Assert.Equal(("worse", 25, 0), (found[0].GetProperty("verdict").GetString(), found[0].GetProperty("only_a").GetInt32(), found[0].GetProperty("only_b").GetInt32()));
        Assert.Equal("no difference shown", found[1].GetProperty("verdict").GetString());
        Assert.Equal(3 * 2 / Math.Pow(2, 25), found[0].GetProperty("adjusted").GetDouble(), 1e-12);
        Assert.Contains("0 better, 1 worse, 2 without a difference shown.", compare.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<EvalsProcess> GateAsync(int expectedExit, params string[] more)
    {
        EvalsProcess gate = await EvalsProcess.RunAsync(_folder.Path, "", ["gate", "--baseline", "a.json", "--candidate", "b.json", .. more]);
        Assert.Equal((expectedExit, expectedExit < 2 ? "" : gate.Errors), (gate.ExitCode, gate.Errors));
        return gate;
    }

    /// <summary>Writes NAME.json and its samples: of arc_easy the first <paramref name="right"/> are right, but <paramref name="swapped"/> of them and as many of the others changed.</summary>
    private void Write(string name, int right, int swapped = 0, double logLikelihood = -3, bool samples = true, Action<JsonObject>? change = null)
    {
        double[] hits = [.. Enumerable.Range(0, 200).Select(i => i < right - swapped || (i >= 200 - swapped) ? 1.0 : 0.0)];
        double accuracy = hits.Average();
        JsonObject arc = Task("arc_easy", 1, 200, "arc/ARC-Easy/ARC-Easy-Test.jsonl", ("acc", accuracy, Math.Sqrt(accuracy * (1 - accuracy) / 199), true));
        JsonObject lambada = Task("lambada_openai", 1, 40, "lambada_openai/lambada_test.jsonl", ("perplexity", Math.Exp(-logLikelihood), 0.5, false), ("acc", 0.5, 0.08, true));
        change?.Invoke(arc);
        var report = new JsonObject
        {
            ["format_version"] = 1,
            ["date"] = "2026-01-02T03:04:05Z",
            ["model"] = new JsonObject { ["name"] = name },
            ["data"] = "data",
            ["limit"] = null,
            ["samples"] = samples ? $"{name}.samples.jsonl" : null,
            ["tasks"] = new JsonArray(arc, lambada),
            ["groups"] = new JsonArray(),
            ["packages"] = new JsonObject(),
            ["git_commit"] = null,
        };
        File.WriteAllText(_folder.At($"{name}.json"), report.ToJsonString());
        File.WriteAllLines(_folder.At($"{name}.samples.jsonl"),
        [
            .. hits.Select((hit, doc) => FormattableString.Invariant($$"""{"task":"arc_easy","doc":{{doc}},"question":"q","values":{"acc":[{{hit}}] } }""")),
            .. Enumerable.Range(0, 40).Select(doc => FormattableString.Invariant($$"""{"task":"lambada_openai","doc":{{doc}},"question":"q","values":{"perplexity":[{{logLikelihood}}],"acc":[{{doc % 2}}] } }""")),
        ]);
    }

    private static JsonObject Task(string name, double version, int n, string file, params (string Name, double Value, double Error, bool Higher)[] metrics) => new()
    {
        ["name"] = name,
        ["version"] = version,
        ["num_fewshot"] = 0,
        ["n"] = n,
        ["request_sha256"] = "same",
        ["data_sha256"] = new JsonObject { [file] = new string('a', 64) },
        ["metrics"] = new JsonObject(metrics.Select(metric => KeyValuePair.Create(metric.Name, (JsonNode?)new JsonObject { ["value"] = metric.Value, ["stderr"] = metric.Error, ["higher_is_better"] = metric.Higher }))),
    };
}
