using System.Diagnostics;
using System.Text.Json;

namespace Factory.Evals.Tests.Commands;

/// <summary>Places that people give a report and its samples: known to be bad before the scoring, never replaced by something else.</summary>
public sealed class ReportOutputTests(BundleFixture bundles) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("", "--output: ")]
    [InlineData("folder", "found a directory")]
    [InlineData("file/x.json", "expected a file to write")]
    [InlineData("loop", "a link that leads nowhere")]
    [InlineData("/proc/none/r.json", "expected a file to write")]
    [InlineData("300", "too long")]
    public async Task A_report_that_cannot_be_written_is_refused_before_anything_is_scored(string output, string expected)
    {
        Directory.CreateDirectory(_folder.At("folder"));
        await File.WriteAllTextAsync(_folder.At("file"), "mine", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_folder.At("loop"), _folder.At("loop"));
        string path = output switch { "" => "", "300" => new string('n', 300), _ => output };
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "run", "--model", bundles.Tiny, "--tasks", "piqa", "--limit", "1", "--output", path);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        string line = Assert.Single(run.Errors.Trim().Split('\n'));
        Assert.StartsWith("--output: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.At("file"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("")]
    [InlineData("file")]
    [InlineData("file/below")]
    public async Task A_folder_of_samples_that_cannot_be_one_is_refused_before_anything_is_scored(string samples)
    {
        await File.WriteAllTextAsync(_folder.At("file"), "mine", TestContext.Current.CancellationToken);
        EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "run", "--model", bundles.Tiny, "--tasks", "piqa", "--limit", "1", "--log-samples", samples);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("--log-samples: ", Assert.Single(run.Errors.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_link_is_followed_and_a_device_stays_a_device()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "devices of Linux");
        await File.WriteAllTextAsync(_folder.At("real.json"), "old", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_folder.At("link.json"), _folder.At("real.json"));
        File.CreateSymbolicLink(_folder.At("null.json"), "/dev/null");
        foreach (string output in new[] { "link.json", "null.json", "/dev/null" })
        {
            EvalsProcess run = await EvalsProcess.RunAsync(_folder.Path, "", "run", "--model", bundles.Tiny + "/", "--tasks", "piqa", "--limit", "1", "--output", output);
            Assert.Equal("", run.ExitCode == 0 ? "" : run.Errors);
        }
        using JsonDocument report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.At("real.json"), TestContext.Current.CancellationToken));
        Assert.Equal(JsonValueKind.Object, report.RootElement.ValueKind);
        Assert.NotNull(new FileInfo(_folder.At("link.json")).LinkTarget);
        using Process test = Process.Start("test", ["-c", "/dev/null"]);
        await test.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, test.ExitCode);
    }

    public void Dispose() => _folder.Dispose();
}
