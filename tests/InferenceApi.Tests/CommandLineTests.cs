using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Factory.InferenceApi.Tests;

public sealed partial class CommandLineTests(ModelFixture model)
{
    [Fact]
    public async Task Help_names_every_option_with_its_default()
    {
        await using ServerProcess process = ServerProcess.Start(Path.GetTempPath(), "--help");
        (int code, string output) = await process.EndAsync();
        Assert.Equal(0, code);
        foreach (string option in (string[])["--model", "--urls", "--provider", "--cuda-plugin", "--threads", "--max-concurrent", "--queue", "--data", "--text", "--allowed-hosts", "--allow-anonymous", "--rate-limit", "--max-body", "--drain", "--state", "[default: http://127.0.0.1:5080]", "Factory__MaxConcurrent"])
        {
            Assert.Contains(option, output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("expected the name of a finished directory, found no such file")]
    [InlineData("no-such-model: expected a bundle directory with manifest.json, found no such directory", "--model", "no-such-model")]
    [InlineData("--urls: expected http://HOST:PORT, found 'localhost:80'", "--model", ".", "--urls", "localhost:80")]
    [InlineData("--urls: expected http://HOST:PORT, found 'https://127.0.0.1:5081'", "--model", ".", "--urls", "https://127.0.0.1:5081")]
    [InlineData("--threads: expected a whole number from 0 to 4096, found -1", "--threads", "-1")]
    [InlineData("--max-concurrent: expected a whole number from 1 to 1024, found 0", "--max-concurrent", "0")]
    [InlineData("--data: expected a directory with evaluation sets, found none at 'nowhere'", "--data", "nowhere", "--model", ".")]
    [InlineData("--text: expected a text file, found none at 'nowhere.txt'", "--text", "nowhere.txt", "--model", ".")]
    [InlineData("--provider: expected one of auto, cpu, cuda, found 'tpu'", "--provider", "tpu")]
    [InlineData("--queue: expected a whole number from 0 to 65536, found 99999999999", "--queue", "99999999999")]
    [InlineData("--drain: expected a whole number from 0 to 86400, found 'soon'", "--drain", "soon")]
    [InlineData("--urls: expected http://HOST:PORT with an IP address or localhost, found the name 'locahost'", "--urls", "http://locahost:5187")]
    [InlineData("--modle", "--modle", "x")]
    public async Task A_mistake_is_one_line_and_exit_code_2(string expected, params string[] arguments)
    {
        using var empty = new TemporaryFolder();
        await using ServerProcess process = ServerProcess.Start(empty.Path, arguments);
        (int code, string output) = await process.EndAsync();
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, Assert.Single(process.Errors), StringComparison.Ordinal);
    }

    /// <summary>The web SDK would start the server in the project's folder, where models/NAME is not.</summary>
    [Fact]
    public async Task Dotnet_run_keeps_the_callers_directory()
    {
        using Process dotnet = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", Path.Combine(GoldenData.Repository, "InferenceApi"), "-getProperty:RunWorkingDirectory"]) { RedirectStandardOutput = true })!;
        Assert.Equal("", (await dotnet.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim());
        await dotnet.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, dotnet.ExitCode);
    }

    [Fact]
    public async Task A_second_server_on_a_port_ends_with_one_line_and_exit_code_2_and_the_first_goes_on()
    {
        string url = model.Server.Url.GetLeftPart(UriPartial.Authority);
        await using ServerProcess process = ServerProcess.Start(Path.GetTempPath(), "--model", model.Bundle, "--urls", url);
        (int code, string output) = await process.EndAsync();
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"--urls: expected an address to listen on, found one that another program listens on among {url}.", Assert.Single(process.Errors), StringComparison.Ordinal);
        await model.Server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 1 });
    }

    [Fact]
    public async Task An_address_that_others_reach_needs_keys_or_a_word()
    {
        await using ServerProcess process = ServerProcess.Start(Path.GetTempPath(), "--model", model.Bundle, "--urls", "http://0.0.0.0:0");
        Assert.Equal((2, ""), await process.EndAsync());
        Assert.StartsWith("--urls: expected an address of this machine alone (127.0.0.1) while there are no API keys, found http://0.0.0.0:0.", Assert.Single(process.Errors), StringComparison.Ordinal);
        await using ServerProcess open = ServerProcess.Start(Path.GetTempPath(), "--model", model.Bundle, "--urls", "http://0.0.0.0:0", "--allow-anonymous");
        await open.LineAsync("Listening on ");
    }

    [Fact]
    public async Task Localhost_takes_a_free_port()
    {
        await using ServerProcess process = ServerProcess.Start(Path.GetTempPath(), "--model", model.Bundle, "--urls", "http://localhost:0");
        Assert.Matches(Url(), await process.LineAsync("Listening on "));
    }

    [Fact]
    public async Task Settings_come_from_the_file_then_the_environment_then_the_command_line()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("appsettings.json"), """{"Factory": {"Threads": 5000, "Queue": -1}}""", TestContext.Current.CancellationToken);
        await using ServerProcess file = ServerProcess.Start(folder.Path, "--model", model.Bundle, "--queue", "1");
        await file.EndAsync();
        Assert.Equal("--threads: expected a whole number from 0 to 4096, found 5000.", Assert.Single(file.Errors));

        await File.WriteAllTextAsync(folder.At("appsettings.json"), """{"Factory": {"Treads": 1}}""", TestContext.Current.CancellationToken);
        await using ServerProcess misspelt = ServerProcess.Start(folder.Path, "--model", model.Bundle);
        await misspelt.EndAsync();
        Assert.StartsWith("Factory:Treads: expected a setting of the server", Assert.Single(misspelt.Errors), StringComparison.Ordinal);

        await File.WriteAllTextAsync(folder.At("appsettings.json"), """{"Factory": """, TestContext.Current.CancellationToken);
        await using ServerProcess broken = ServerProcess.Start(folder.Path, "--model", model.Bundle);
        Assert.Equal((2, ""), await broken.EndAsync());
        Assert.StartsWith("appsettings.json: expected a JSON object of settings", Assert.Single(broken.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_in_the_middle_of_an_answer_ends_server_and_answer_cleanly(string signal)
    {
        await using ServerProcess process = ServerProcess.Start(Path.GetTempPath(), "--model", model.Bundle, "--urls", "http://127.0.0.1:0", "--provider", "cpu", "--drain", "1");
        string url = Url().Match(await process.LineAsync("Listening on ")).Value;
        Assert.Contains($"curl {url}/generate", await process.LineAsync("Serving "), StringComparison.Ordinal);
        using var client = new HttpClient { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/generate") { Content = JsonContent.Create(new { prompt = "the", max_new_tokens = model.Window, stream = true }) };
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        await process.SignalAsync(signal);

        // Whole, where the drain was long enough, else with an error that says why.
        (string name, JsonElement data) = await SseReader.EventsAsync(answer).LastAsync(TestContext.Current.CancellationToken);
        Assert.True(name == "end" || (name, data.GetProperty("detail").GetString()) == ("error", "The server is stopping."), $"{name}: {data}");
        Assert.Equal((0, ""), await process.EndAsync());
        Assert.DoesNotContain(process.Errors, line => line.Contains("   at ", StringComparison.Ordinal) || line.Contains("Exception", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Url();
}
