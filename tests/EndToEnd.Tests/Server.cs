using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Factory.EndToEnd.Tests;

/// <summary>InferenceApi as a process on a free port of the loopback.</summary>
internal sealed partial class Server : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;
    private readonly Task _drained;

    private Server(Process process, string url)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };
        // A pipe that nobody reads fills up and stops the server.
        _drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Starts and waits for the line that says it serves, which comes after the probe was replayed.</summary>
    public static async Task<Server> StartAsync(string directory, params string[] arguments)
    {
        Process process = Executable.Start(Executable.InferenceApi, directory, ["--urls", "http://127.0.0.1:0", .. arguments]);
        var log = new List<string>();
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is string line)
        {
            log.Add(line);
            if (Serving().Match(line) is { Success: true } match)
            {
                return new Server(process, match.Groups[1].Value);
            }
        }
        throw new InvalidOperationException($"The server ended before it served: {string.Join("\n", log)}");
    }

    /// <summary>With a slash at its end.</summary>
    public string Url => _client.BaseAddress!.ToString();

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using HttpResponseMessage response = await _client.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _drained;
        _process.Dispose();
    }

    [GeneratedRegex(@"^Serving .* at (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Serving();
}
