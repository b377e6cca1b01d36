using System.Text.RegularExpressions;

namespace Factory.Evals.Tests.Commands;

public sealed partial class ReportCommandTests(BundleFixture bundles) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task One_page_holds_all_models_beside_the_papers_tables_with_nothing_outside()
    {
        string other = TestBundle.Export(_folder, TestCheckpoint.Random(bundles.Architecture, seed: 2), Path.Combine(GoldenData.Repository, "assets", "shakespeare", "tokenizer.model"));
        await RunAsync(bundles.Tiny, "a.json");
        await RunAsync(other, "b.json");
        EvalsProcess report = await EvalsProcess.RunAsync(_folder.Path, "", "report", "--inputs", "*.json", "--output", "report");
        Assert.Equal("", report.ExitCode == 0 ? "" : report.Errors);

        string page = await File.ReadAllTextAsync(_folder.At("report", "index.html"), TestContext.Current.CancellationToken);
        Assert.Empty(Outside().Matches(page).Select(match => match.Value));
        Assert.Contains("arc_easy acc ↑ (n 12)", page, StringComparison.Ordinal);
        Assert.Contains("The paper&#39;s Table 1", page, StringComparison.Ordinal);
        Assert.Contains("were not measured here", page, StringComparison.Ordinal);
        Assert.Contains("measured here: tiny", page, StringComparison.Ordinal);
        Assert.Contains("where they disagree", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
        string markdown = await File.ReadAllTextAsync(_folder.At("report", "report.md"), TestContext.Current.CancellationToken);
        Assert.Equal(2, markdown.Split('\n').Count(line => line.StartsWith($"| tiny |", StringComparison.Ordinal) || line.StartsWith("| bundle-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Inputs_that_are_not_there_are_named()
    {
        EvalsProcess report = await EvalsProcess.RunAsync(_folder.Path, "", "report", "--inputs", "nothing-*.json");
        Assert.Equal((2, "--inputs: expected reports, found no file like nothing-*.json."), (report.ExitCode, report.Errors.TrimEnd()));
    }

    public void Dispose() => _folder.Dispose();

    private async Task RunAsync(string model, string output)
    {
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "run", "--model", model, "--tasks", "arc_easy,lambada_openai", "--limit", "12", "--bootstrap-iterations", "100", "--output", output);
        Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
    }

    /// <summary>What a browser would fetch. A namespace is a name and no address.</summary>
    [GeneratedRegex("""(?:src|href)\s*=\s*["']?(?:https?:|//)|url\(\s*["']?(?:https?:|//)|@import|<script""")]
    private static partial Regex Outside();
}
