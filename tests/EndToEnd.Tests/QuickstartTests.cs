using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Factory.EndToEnd.Tests;

/// <summary>quickstart.sh as a person runs it, with a few optimizer steps.</summary>
public sealed class QuickstartTests
{
    [Fact]
    public async Task The_whole_way_from_text_to_scores_works_and_works_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "quickstart.sh needs bash and curl");
        using var work = new TemporaryFolder();

        Outcome first = await RunAsync(work.Path);
        Assert.True(first.ExitCode == 0, first.Output + first.Error);
        AssertAnswers(first.Output);
        Assert.Equal("quickstart\n", await File.ReadAllTextAsync(work.At("runs", "latest"), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(work.At("models", "quickstart", "model.onnx")));

        Outcome second = await RunAsync(work.Path);
        Assert.True(second.ExitCode == 0, second.Output + second.Error);
        AssertAnswers(second.Output);
        Assert.Contains("is complete", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_SDK_is_named_with_the_place_to_get_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "quickstart.sh needs bash and curl");
        using var work = new TemporaryFolder();
        File.CreateSymbolicLink(work.At("bash"), "/bin/bash");
        foreach (string tool in new[] { "dirname", "mkdir" })
        {
            File.CreateSymbolicLink(work.At(tool), $"/usr/bin/{tool}");
        }
        Outcome outcome = await RunAsync(work.Path, path: work.Path);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("expected the .NET 10 SDK", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("https://dotnet.microsoft.com/download", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Each command is printed before its answer; the answers are the server's own.</summary>
    private static void AssertAnswers(string output)
    {
        string[] lines = output.Split('\n');
        int generate = Array.FindIndex(lines, line => line.StartsWith("$ curl", StringComparison.Ordinal) && line.Contains("/generate", StringComparison.Ordinal));
        using JsonDocument generated = JsonDocument.Parse(lines[generate + 1]);
        Assert.Equal(120, generated.RootElement.GetProperty("generated_tokens").GetInt32());
        int eval = Array.FindIndex(lines, line => line.StartsWith("$ curl", StringComparison.Ordinal) && line.Contains("/eval", StringComparison.Ordinal));
        string report = string.Join('\n', lines.Skip(eval + 1).TakeWhile(line => !line.StartsWith("Done.", StringComparison.Ordinal)));
        using JsonDocument scores = JsonDocument.Parse(report);
        Assert.Equal(["arc_easy", "winogrande"], scores.RootElement.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("name").GetString()));
    }

    private static async Task<Outcome> RunAsync(string work, string? path = null)
    {
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(GoldenData.Repository, "quickstart.sh")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Under 'dotnet test' these point a child at the parent's MSBuild.
        foreach (string variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || key.StartsWith("FACTORY_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }
        // Build servers that stay alive would keep the pipes open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["FACTORY_ACCELERATOR"] = "cpu";
        start.Environment["FACTORY_STEPS"] = "6";
        start.Environment["FACTORY_WORK"] = work;
        start.Environment["FACTORY_PORT"] = $"{FreePort()}";
        start.Environment["PATH"] = path ?? start.Environment["PATH"];
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Outcome(process.ExitCode, await output, await error);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
