using System.Text.Json;
using Factory.Core.Bundles;
using Factory.Core.Checkpoints;
using Factory.Core.Disk;
using Factory.Evals.Reporting;

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
        Assert.Equal(["acc", "acc_norm", "acc_bytes"], root.GetProperty("tasks")[0].GetProperty("metrics").EnumerateObject().Select(metric => metric.Name));
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
    public async Task A_user_without_a_home_loses_the_cache_that_nobody_asked_for_and_nothing_else()
    {
        string cache = _folder.At("cache");
        File.WriteAllText(cache, "a file where EvalsProcess has the user's cache folder");
        string[] command = ["run", "--model", bundles.Tiny, "--tasks", "piqa", "--limit", "2"];
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", command);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Warning: responses are not kept.", run.Errors, StringComparison.Ordinal);
        EvalsProcess asked = await EvalsProcess.RunAsync(_folder.Path, "", [.. command, "--cache", Path.Combine(cache, "responses.db")]);
        Assert.Equal(2, asked.ExitCode);
        Assert.StartsWith("--cache: ", asked.Errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
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
    [InlineData("--limit", "0", "--limit: expected a whole number of documents from 1, or a fraction between 0 and 1, found 0.")]
    [InlineData("--num-fewshot", "-1", "--num-fewshot: expected 0 or more, found -1.")]
    [InlineData("--data", "nowhere", "--data: expected a folder with data sets")]
    [InlineData("--provider", "gpu", "--provider: expected one of auto, cpu, cuda, found 'gpu'.")]
    [InlineData("--threads", "-2", "--threads: expected a whole number from 0 to 4096, found -2.")]
    [InlineData("--threads", "many", "--threads: expected a whole number from 0 to 4096, found many.")]
    [InlineData("--fewshot-as-multiturn", "true", "--fewshot-as-multiturn: expected --apply-chat-template with it")]
    [InlineData("--apply-chat-template", "true", "--apply-chat-template: expected a model with a chat template (chat_template in tokenizer_config.json, or chat_template.jinja), found ")]
    [InlineData("--tasks", "perplexity", "--text: expected a text file for the task perplexity to score, found none.")]
    public Task An_option_out_of_range_is_refused_by_name(string option, string value, string expected) =>
        AssertRefusedAsync(expected, "run", "--model", bundles.Tiny, option, value);

    [Fact]
    public async Task A_text_of_ones_own_is_not_reported_as_a_sample_and_one_document_has_no_standard_error()
    {
        string text = _folder.At("text.txt");
        await File.WriteAllTextAsync(text, "To be, or not to be.", TestContext.Current.CancellationToken);
        EvalsProcess run = await EvalsProcess.RunAsync(
            bundles.WorkingDirectory, "", "run", "--model", bundles.Tiny, "--tasks", "perplexity", "--text", text, "--output", _folder.At("p.json"));
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        JsonElement report = JsonElement.Parse(await File.ReadAllTextAsync(_folder.At("p.json"), TestContext.Current.CancellationToken));
        Assert.Equal(text, report.GetProperty("data").GetString());
        Assert.DoesNotContain("samples of a few rows", run.Output, StringComparison.Ordinal);
        Assert.All(report.GetProperty("tasks")[0].GetProperty("metrics").EnumerateObject(), metric => Assert.Equal(JsonValueKind.Null, metric.Value.GetProperty("stderr").ValueKind));
    }

    [Fact]
    public async Task A_fraction_of_the_documents_is_rounded_up()
    {
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, "", "run", "--model", bundles.Tiny, "--tasks", "arc_easy", "--limit", "0.06", "--output", _folder.At("r.json"));
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        // 0.06 of the sample's 40 rows.
        Assert.Equal(3, JsonElement.Parse(await File.ReadAllTextAsync(_folder.At("r.json"), TestContext.Current.CancellationToken)).GetProperty("tasks")[0].GetProperty("n").GetInt32());
    }

    [Theory]
    [InlineData("--output", "")]
    [InlineData("--output", ".")]
    [InlineData("--output", "file/report.json")]
    [InlineData("--output", "/proc/nowhere/report.json")]
    [InlineData("--log-samples", "file")]
    [InlineData("--log-samples", "file/log")]
    public async Task An_output_that_cannot_be_written_is_refused_before_the_model_is_loaded(string option, string value)
    {
        await File.WriteAllTextAsync(_folder.At("file"), "kept", TestContext.Current.CancellationToken);
        string[] entries = [.. Directory.EnumerateFileSystemEntries(_folder.Path)];
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "run", "--model", _folder.At("no-such-model"), "--tasks", "piqa", option, value);
        Assert.Equal(2, run.ExitCode);
        // The model does not exist either: that it is not named shows the order.
        Assert.DoesNotContain("no-such-model", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd().Split('\n'));
        Assert.Equal("kept", await File.ReadAllTextAsync(_folder.At("file"), TestContext.Current.CancellationToken));
        Assert.Equal(entries, Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Through_a_link_the_report_goes_to_its_target()
    {
        File.CreateSymbolicLink(_folder.At("link.json"), _folder.At("target.json"));
        EvalsProcess run = await EvalsProcess.RunAsync(bundles.WorkingDirectory, "", "run", "--model", bundles.Tiny, "--tasks", "piqa", "--limit", "1", "--output", _folder.At("link.json"));
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        Assert.NotNull(new FileInfo(_folder.At("link.json")).LinkTarget);
        Assert.Equal(1, ReportWithSamples.Read(_folder.At("target.json")).Report.Tasks[0].N);
    }

    public void Dispose() => _folder.Dispose();

    private async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains(expected, run.Errors.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
    }
}
