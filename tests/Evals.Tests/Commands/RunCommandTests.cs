using System.Text.Json;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;

namespace Factory.Evals.Tests.Commands;

public sealed class RunCommandTests(BundleFixture bundles) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Without_options_the_latest_model_is_scored_on_the_samples()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, "", "run", "--limit", "2");

        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(bundles.WorkingDirectory, "report.json"), TestContext.Current.CancellationToken));
        JsonElement root = report.RootElement;
        Assert.Equal("sample", root.GetProperty("data").GetString());
        Assert.Equal(2, root.GetProperty("limit").GetInt32());
        JsonElement model = root.GetProperty("model");
        Assert.Equal("tiny", model.GetProperty("name").GetString());
        Assert.Equal(Manifest.Read(bundles.Tiny, BundleFolder.Kind).ContentHash, model.GetProperty("bundle_sha256").GetString());
        Assert.Equal("lns", model.GetProperty("norm_scheme").GetString());
        Assert.Equal("cpu", model.GetProperty("provider").GetString());
        Assert.Equal(EvaluationTasks.Quickstart, root.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("name").GetString()!));
        Assert.Equal(["acc", "acc_norm"], root.GetProperty("tasks")[0].GetProperty("metrics").EnumerateObject().Select(metric => metric.Name));
        Assert.Contains("Microsoft.ML.OnnxRuntime", root.GetProperty("packages").EnumerateObject().Select(package => package.Name));
        Assert.All(EvaluationTasks.Quickstart, task => Assert.Contains(task, run.Output, StringComparison.Ordinal));
        Assert.Contains("--data DIR", run.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_file_is_scored_and_its_answer_logged()
    {
        string text = _folder.At("text.txt");
        await File.WriteAllTextAsync(text, string.Join(' ', Enumerable.Repeat("To be, or not to be.", 100)), TestContext.Current.CancellationToken);
        EvalsProcess run = await EvalsProcess.RunAsync(
            bundles.WorkingDirectory, "", "run", "--model", bundles.Tiny, "--tasks", "perplexity", "--text", text, "--output", _folder.At("out", "p.json"), "--log-samples", _folder.At("log"));
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        JsonElement metrics = JsonElement.Parse(await File.ReadAllTextAsync(_folder.At("out", "p.json"), TestContext.Current.CancellationToken)).GetProperty("tasks")[0].GetProperty("metrics");
        JsonElement line = JsonElement.Parse(Assert.Single(await File.ReadAllLinesAsync(_folder.At("log", "perplexity.jsonl"), TestContext.Current.CancellationToken)));
        double logLikelihood = line.GetProperty("logLikelihood").GetDouble();
        Assert.True(line.GetProperty("tokens").GetInt32() > bundles.Architecture.MaxPositions);
        Assert.Equal(Math.Exp(-logLikelihood / line.GetProperty("tokens").GetInt32()), metrics.GetProperty("token_perplexity").GetProperty("value").GetDouble(), 1e-9);
        // 100 times 6 words; 100 times 20 bytes with 99 spaces between.
        Assert.Equal(Math.Exp(-logLikelihood / 600), metrics.GetProperty("word_perplexity").GetProperty("value").GetDouble(), 1e-6 * Math.Exp(-logLikelihood / 600));
        Assert.Equal(-logLikelihood / 2099 / Math.Log(2), metrics.GetProperty("bits_per_byte").GetProperty("value").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task A_bundle_whose_probe_does_not_replay_is_refused()
    {
        string wrong = Directory.CreateDirectory(_folder.At("wrong")).FullName;
        foreach (string file in Directory.EnumerateFiles(bundles.Tiny))
        {
            File.Copy(file, Path.Combine(wrong, Path.GetFileName(file)));
        }
        Probe probe = Probe.Read(wrong);
        probe.Logits[0] += 0.01f;
        File.Delete(Path.Combine(wrong, Probe.FileName));
        probe.Write(wrong);
        Manifest manifest = Manifest.Read(bundles.Tiny, BundleFolder.Kind);
        File.Delete(Path.Combine(wrong, Manifest.FileName));
        Manifest.Write(wrong, manifest.Kind, manifest.Facts);

        await AssertRefusedAsync("expected logits within 1e-4 of the probe that was recorded in training, found a difference of", "run", "--model", wrong, "--tasks", "piqa");
        Assert.False(File.Exists(_folder.At("report.json")));
    }

    [Fact]
    public Task An_unknown_task_names_the_known_and_the_nearest() =>
        AssertRefusedAsync("--tasks: expected names among arc_easy, arc_challenge, ", "run", "--model", bundles.Tiny, "--tasks", "piqa,arc_esay");

    [Fact]
    public Task A_model_without_tokenizer_cannot_be_asked_in_texts() =>
        AssertRefusedAsync("expected a tokenizer (tokenizer.model or spiece.model or tokenizer.json)", "run", "--model", bundles.Wordless, "--tasks", "piqa");

    [Fact]
    public Task Where_no_model_was_exported_the_line_says_what_to_run() =>
        AssertRefusedAsync("dotnet run -c Release --project Exporter", "run");

    [Theory]
    [InlineData("--limit", "0", "--limit: expected at least 1, found 0.")]
    [InlineData("--num-fewshot", "-1", "--num-fewshot: expected at least 0, found -1.")]
    [InlineData("--data", "nowhere", "--data nowhere: expected a folder with data sets")]
    [InlineData("--provider", "gpu", "--provider: expected one of auto, cpu, cuda, found 'gpu'.")]
    [InlineData("--threads", "-2", "--threads: expected a whole number from 0 to 4096, found -2.")]
    [InlineData("--tasks", "perplexity", "perplexity: expected a text file to score, found none. Name one: --text FILE.")]
    public Task An_option_out_of_range_is_refused_by_name(string option, string value, string expected) =>
        AssertRefusedAsync(expected, "run", "--model", bundles.Tiny, option, value);

    public void Dispose() => _folder.Dispose();

    private async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains(expected, run.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }
}
