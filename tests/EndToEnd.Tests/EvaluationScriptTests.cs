using System.Diagnostics;

namespace Factory.EndToEnd.Tests;

/// <summary>scripts/evaluate.sh as a developer or GitHub Actions runs it.</summary>
public sealed class EvaluationScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("arc_easy", 0)]
    [InlineData("no_such_task", 2)]
    public async Task Scoring_over_HTTP_leaves_no_server_behind(string task, int exitCode)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "evaluate.sh needs bash, the test /proc");
        await Executable.SucceedAsync(Executable.Trainer, _folder.Path, ["import", "hf", "--input", GoldenData.At("lm_eval_run", "stories260K", "model"), "--output", "runs/stories"]);
        await Executable.SucceedAsync(Executable.Exporter, _folder.Path, ["--checkpoint", "runs/stories", "--output", "models/stories"]);

        Outcome outcome = await ScoreAsync("stories", task);

        Assert.True(outcome.ExitCode == exitCode, outcome.Output + outcome.Error);
        Assert.Empty(ProcessesIn(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<Outcome> ScoreAsync(string model, string task)
    {
        string configuration = Executable.PathOf(Executable.InferenceApi).Contains("release", StringComparison.Ordinal) ? "Release" : "Debug";
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(GoldenData.Repository, "scripts", "evaluate.sh"), "score", model])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FACTORY_WORK"] = _folder.Path;
        start.Environment["FACTORY_CONFIGURATION"] = configuration;
        start.Environment["FACTORY_TASKS"] = task;
        start.Environment["FACTORY_LIMIT"] = "2";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Outcome(process.ExitCode, await output, await error);
    }

    /// <summary>The command lines of the processes whose working folder is <paramref name="directory"/>.</summary>
    private static IEnumerable<string> ProcessesIn(string directory)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            string? commandLine = null;
            try
            {
                if (new FileInfo(Path.Combine(process, "cwd")).LinkTarget == directory)
                {
                    commandLine = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or belongs to somebody else.
            }
            if (commandLine is not null)
            {
                yield return commandLine;
            }
        }
    }
}
