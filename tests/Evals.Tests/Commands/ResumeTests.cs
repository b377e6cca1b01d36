using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Factory.Evals.Tests.Commands;

/// <summary>A run that is killed at any moment and started again gives the report of one that nobody killed.</summary>
public sealed class ResumeTests(BundleFixture bundles) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Killed_and_started_again_a_run_ends_in_the_same_report()
    {
        string[] arguments = ["run", "--model", bundles.Tiny, "--tasks", "arc_easy,piqa,lambada_openai,winogrande", "--bootstrap-iterations", "1000"];
        EvalsProcess whole = await EvalsProcess.RunAsync(_folder.Path, "", [.. arguments, "--cache", "none", "--output", "whole.json"]);
        Assert.Equal("", whole.ExitCode == 0 ? "" : whole.Errors);

        await KillAtFirstProgressAsync([.. arguments, "--cache", "cache.db", "--output", "resumed.json"]);
        EvalsProcess resumed = await EvalsProcess.RunAsync(_folder.Path, "", [.. arguments, "--cache", "cache.db", "--output", "resumed.json"]);
        Assert.Equal("", resumed.ExitCode == 0 ? "" : resumed.Errors);

        Assert.Equal(Tasks("whole.json"), Tasks("resumed.json"));
        Assert.Equal(File.ReadAllLines(_folder.At("whole.samples.jsonl")), File.ReadAllLines(_folder.At("resumed.samples.jsonl")));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, ".*.resumed*"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task KillAtFirstProgressAsync(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Factory.Evals.dll"), .. arguments])
        {
            WorkingDirectory = _folder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is string line && !line.Contains('%', StringComparison.Ordinal))
        {
        }
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private string Tasks(string report) => JsonNode.Parse(File.ReadAllText(_folder.At(report)))!["tasks"]!.ToJsonString();
}
