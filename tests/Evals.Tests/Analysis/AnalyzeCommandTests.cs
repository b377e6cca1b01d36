using System.Text.Json;
using Factory.Evals.Tests.Commands;

namespace Factory.Evals.Tests.Analysis;

/// <summary>Evals analyze as its users run it, against what transformers computed in float64.</summary>
public sealed class AnalyzeCommandTests(BundleFixture bundles) : IDisposable
{
    private const double Tolerance = 1e-4;

    private readonly TemporaryFolder _folder = new();

    /// <summary>The golden files of method folders; those of imported families go through Trainer.</summary>
    public static TheoryData<string> Methods => [.. GoldenData.Names("analysis_golden")
        .Where(name => name.StartsWith("method_golden-", StringComparison.Ordinal)).Select(name => Path.GetFileNameWithoutExtension(name)["method_golden-".Length..])];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Numbers_are_those_of_transformers(string method)
    {
        JsonElement expected = JsonElement.Parse(await File.ReadAllTextAsync(GoldenData.At("analysis_golden", $"method_golden-{method}.json"), TestContext.Current.CancellationToken));
        string bundle = TestBundle.Export(_folder, TestCheckpoint.FromFolder(GoldenData.At("method_golden", method)));
        await File.WriteAllLinesAsync(_folder.At("ids.jsonl"), expected.GetProperty("input_ids").EnumerateArray().Select(row => row.GetRawText()), TestContext.Current.CancellationToken);

        await AnalyseAsync("variance", bundle, "--ids", _folder.At("ids.jsonl"));
        await AnalyseAsync("angular", bundle, "--ids", _folder.At("ids.jsonl"));
        await AnalyseAsync("prune", bundle, "--ids", _folder.At("ids.jsonl"), "--greedy");

        AssertEqual(expected, Model("variance.json"), "blocks", "block_output_mean", "block_output_mean_square", "block_output_variance");
        AssertEqual(expected, Model("angular.json"), "angular_distance_mean", "angular_distance_last_token", "cosine_input_output_mean");
        AssertEqual(expected, Model("prune.json"), "loss", "loss_without_block", "greedy_removal");
        Assert.All(["variance", "angular", "prune", "prune-greedy"], figure => Assert.All(["png", "svg"], kind => Assert.True(new FileInfo(_folder.At("out", $"{figure}.{kind}")).Length > 1000)));
    }

    [Fact]
    public async Task Rows_of_different_lengths_count_by_their_tokens()
    {
        await File.WriteAllTextAsync(_folder.At("a.jsonl"), "[1,2,3,4,5,6]\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.At("b.jsonl"), "[7,8,9]\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.At("both.jsonl"), "[1,2,3,4,5,6]\n\n[7,8,9]\n", TestContext.Current.CancellationToken);
        double[][] found = new double[3][];
        foreach ((int index, string file) in new[] { "a.jsonl", "b.jsonl", "both.jsonl" }.Index())
        {
            await AnalyseAsync("variance", bundles.Wordless, "--ids", _folder.At(file));
            found[index] = Model("variance.json").GetProperty("block_output_mean_square").Deserialize<double[]>()!;
        }
        Assert.All(Enumerable.Range(0, found[0].Length), block => Assert.Equal(((found[0][block] * 6) + (found[1][block] * 3)) / 9, found[2][block], 1e-6 * found[2][block]));
    }

    [Fact]
    public async Task Tasks_are_scored_with_and_without_each_block_and_all_blocks_give_the_scores_of_a_run()
    {
        await AnalyseAsync("prune", bundles.Tiny, "--tasks", "arc_easy,piqa", "--limit", "6");
        JsonElement[] tasks = [.. Model("prune.json").GetProperty("tasks").EnumerateArray()];
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "run", "--model", bundles.Tiny, "--tasks", "arc_easy,piqa", "--limit", "6", "--output", "run.json");
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        JsonElement[] scored = [.. JsonElement.Parse(await File.ReadAllTextAsync(_folder.At("run.json"), TestContext.Current.CancellationToken)).GetProperty("tasks").EnumerateArray()];
        foreach ((JsonElement task, JsonElement plain) in tasks.Zip(scored))
        {
            Assert.Equal(plain.GetProperty("name").GetString(), task.GetProperty("name").GetString());
            Assert.Equal(plain.GetProperty("metrics").GetProperty("acc").GetProperty("value").GetDouble(), task.GetProperty("score").GetDouble());
            double[] without = task.GetProperty("score_without_block").Deserialize<double[]>()!;
            Assert.Equal(bundles.Architecture.BlockCount, without.Length);
            Assert.Equal(without.Select(value => value - task.GetProperty("score").GetDouble()), task.GetProperty("drop_without_block").Deserialize<double[]>()!);
        }
        Assert.True(File.Exists(_folder.At("out", "prune-arc_easy.svg")));
    }

    [Fact]
    public async Task Curse_reads_seeds_together_on_one_page_without_foreign_addresses()
    {
        string[] models = [.. new[] { "lns-seed1", "lns-seed2" }.Select((name, seed) => TestBundle.Export(_folder, TestCheckpoint.Random(bundles.Architecture, seed + 1), Tokenizer).MovedTo(_folder.At(name)))];
        EvalsProcess run = await AnalyseAsync("curse", string.Join(',', models), "--limit", "2");
        JsonElement report = JsonElement.Parse(await File.ReadAllTextAsync(_folder.At("out", "curse.json"), TestContext.Current.CancellationToken));
        JsonElement reading = Assert.Single(report.GetProperty("readings").EnumerateArray());
        Assert.Equal(("lns", 2), (reading.GetProperty("family").GetString(), reading.GetProperty("models").GetInt32()));
        Assert.True(reading.GetProperty("variance_growth_spread").GetDouble() > 0);
        double[] growth = [.. report.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("block_output_variance").Deserialize<double[]>()!).Select(variance => variance[^1] / variance[0])];
        Assert.Equal(growth.Average(), reading.GetProperty("variance_growth").GetDouble(), 1e-9);
        string page = await File.ReadAllTextAsync(_folder.At("out", "index.html"), TestContext.Current.CancellationToken);
        Assert.DoesNotMatch("""(src|href)="?https?:|url\(https?:|@import""", page);
        Assert.Contains("over seeds", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1,2]\n[3,999]\n", "ids.jsonl, line 2: expected token ids from 0 to 60 (the vocabulary of wordless), found 999.")]
    [InlineData("[1]\n", "ids.jsonl, line 1: expected a JSON array of at least two token ids such as [1,15043], found 1.")]
    [InlineData("{}\n", "ids.jsonl, line 1: expected a JSON array of at least two token ids such as [1,15043], found")]
    [InlineData("\n", "ids.jsonl: expected JSON arrays of token ids, one a line, found none.")]
    public async Task Ids_that_cannot_be_read_are_named(string content, string expected)
    {
        await File.WriteAllTextAsync(_folder.At("ids.jsonl"), content, TestContext.Current.CancellationToken);
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "analyze", "prune", "--model", bundles.Wordless, "--ids", "ids.jsonl");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith(expected, run.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_without_a_tokenizer_is_told_to_give_ids()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "analyze", "variance", "--model", bundles.Wordless);
        Assert.Equal(2, run.ExitCode);
        Assert.EndsWith("expected a tokenizer to read texts with, found none. Give token ids instead (ids).", run.Errors.TrimEnd(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string Tokenizer => Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model");

    private async Task<EvalsProcess> AnalyseAsync(string analysis, string model, params string[] more)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", ["analyze", analysis, "--model", model, "--output", "out", "--threads", "1", .. more]);
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        return run;
    }

    private JsonElement Model(string file) => JsonElement.Parse(File.ReadAllText(_folder.At("out", file))).GetProperty("models")[0];

    private static void AssertEqual(JsonElement expected, JsonElement found, params string[] keys) =>
        Assert.All(keys, key => Assert.All(Numbers(expected.GetProperty(key)).Zip(Numbers(found.GetProperty(key)), (wanted, value) => (wanted, value)), pair => Assert.Equal(pair.wanted, pair.value, Tolerance)));

    private static double[] Numbers(JsonElement value) => value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().SelectMany(Numbers), value.GetArrayLength()] : [value.GetDouble()];
}

file static class Moves
{
    public static string MovedTo(this string directory, string target)
    {
        Directory.Move(directory, target);
        return target;
    }
}
