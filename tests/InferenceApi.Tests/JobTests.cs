using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

/// <summary>/eval with wait: false.</summary>
public sealed class JobTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_goes_on_by_itself_and_its_scores_are_kept_over_a_restart()
    {
        using var state = new TemporaryFolder();
        string report, location;
        await using (TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { State = state.Path }))
        {
            location = await StartAsync(server, """{"tasks":["arc_easy","piqa"],"limit":3,"wait":false}""");
            List<SseItem<string>> events = await WatchAsync(server, location);
            Assert.All(events[..^1], item => Assert.Equal("progress", item.EventType));
            JsonElement job = JsonElement.Parse(events[^1].Data);
            Assert.Equal(("end", "done"), (events[^1].EventType, job.GetProperty("state").GetString()));
            // Scores of the first task were there before the end.
            Assert.Contains(events[..^1], item => JsonElement.Parse(item.Data).GetProperty("tasks").GetArrayLength() > 0);
            JsonElement waited = await server.AskAsync("/eval", new { tasks = new[] { "arc_easy", "piqa" }, limit = 3 });
            report = waited.GetProperty("tasks").GetRawText();
            Assert.Equal(Numbers(report), Numbers(job.GetProperty("report").GetProperty("tasks").GetRawText()));
        }
        await using TestServer next = await TestServer.StartAsync(model.Bundle, options => options with { State = state.Path });
        JsonElement kept = await GetAsync(next, location);
        Assert.Equal(("done", Numbers(report)), (kept.GetProperty("state").GetString(), Numbers(kept.GetProperty("report").GetProperty("tasks").GetRawText())));
        JsonElement list = await GetAsync(next, "/eval");
        Assert.Equal(kept.GetProperty("id").GetString(), list.GetProperty("jobs")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_job_that_was_cut_off_by_the_end_of_its_process_is_finished_by_the_next()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("long.txt"), string.Concat(Enumerable.Repeat("quiz ", 60_000)), Ct);
        string[] arguments = ["--model", model.Short, "--urls", "http://127.0.0.1:0", "--provider", "cpu", "--text", folder.At("long.txt")];
        string location;
        await using (ServerProcess first = ServerProcess.Start(folder.Path, arguments))
        {
            using HttpClient client = await first.ConnectAsync();
            using HttpResponseMessage accepted = await client.PostAsync("/eval", new StringContent("""{"tasks":["perplexity"],"wait":false}""", null, "application/json"), Ct);
            location = accepted.Headers.Location!.ToString();
            using HttpResponseMessage events = await client.GetAsync($"{location}/events", HttpCompletionOption.ResponseHeadersRead, Ct);
            await foreach (SseItem<string> item in SseParser.Create(await events.Content.ReadAsStreamAsync(Ct)).EnumerateAsync(Ct))
            {
                if (JsonElement.Parse(item.Data).GetProperty("state").GetString() != "queued")
                {
                    break;
                }
            }
            await first.SignalAsync("KILL");
            await first.EndAsync();
        }
        await using ServerProcess second = ServerProcess.Start(folder.Path, arguments);
        using HttpClient next = await second.ConnectAsync();
        using HttpResponseMessage rest = await next.GetAsync($"{location}/events", HttpCompletionOption.ResponseHeadersRead, Ct);
        SseItem<string> last = await SseParser.Create(await rest.Content.ReadAsStreamAsync(Ct)).EnumerateAsync(Ct).LastAsync(Ct);
        JsonElement job = JsonElement.Parse(last.Data);
        Assert.Equal("done", job.GetProperty("state").GetString());
        Assert.InRange(job.GetProperty("attempts").GetInt32(), 1, 2);
        await second.SignalAsync("TERM");
        Assert.Equal(0, (await second.EndAsync()).Code);
    }

    [Fact]
    public async Task A_running_and_a_waiting_job_can_be_ended()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.At("long.txt"), string.Concat(Enumerable.Repeat("quiz ", 300_000)), Ct);
        await using TestServer server = await TestServer.StartAsync(model.Short, options => options with { TextFile = folder.At("long.txt") });
        using var probe = new MeterProbe(server);
        string running = await StartAsync(server, """{"tasks":["perplexity"],"wait":false}"""), waiting = await StartAsync(server, """{"tasks":["arc_easy"],"wait":false}""");
        await probe.EvaluatingReaches(1);
        foreach (string location in (string[])[waiting, running])
        {
            using HttpResponseMessage ended = await server.Client.DeleteAsync(location, Ct);
            Assert.Equal("cancelled", JsonElement.Parse(await ended.Content.ReadAsStringAsync(Ct)).GetProperty("state").GetString());
        }
        await probe.EvaluatingReaches(0);
        Assert.Equal("cancelled", (await GetAsync(server, running)).GetProperty("state").GetString());
        // And the next runs.
        string last = await StartAsync(server, """{"tasks":["arc_easy"],"limit":1,"wait":false}""");
        Assert.Equal("done", JsonElement.Parse((await WatchAsync(server, last))[^1].Data).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_folder_that_another_server_has_or_that_cannot_be_written_refuses_jobs_and_nothing_else()
    {
        using var state = new TemporaryFolder();
        await using TestServer first = await TestServer.StartAsync(model.Bundle, options => options with { State = state.Path });
        await StartAsync(first, """{"tasks":["arc_easy"],"limit":1,"wait":false}""");
        foreach (string folder in (string[])[state.Path, "/dev/null/x"])
        {
            await using TestServer second = await TestServer.StartAsync(model.Bundle, options => options with { State = folder });
            using HttpResponseMessage refused = await second.PostAsync("/eval", """{"tasks":["arc_easy"],"limit":1,"wait":false}""");
            await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, refused);
            Assert.NotNull(refused.Headers.RetryAfter);
            await second.AskAsync("/eval", new { tasks = new[] { "arc_easy" }, limit = 1 });
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_jobs_and_nothing_else_until_there_is_room_again()
    {
        using var folder = new TemporaryFolder();
        string disk = Directory.CreateDirectory(folder.At("disk")).FullName;
        Assert.SkipUnless(await RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk) == 0, "this machine lets nobody mount");
        try
        {
            await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { State = disk });
            string filler = Path.Combine(disk, "filler");
            Assert.Throws<IOException>(() => File.WriteAllBytes(filler, new byte[1 << 20]));
            using HttpResponseMessage refused = await server.PostAsync("/eval", """{"tasks":["arc_easy"],"limit":1,"wait":false}""");
            await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, refused);
            await server.AskAsync("/eval", new { tasks = new[] { "arc_easy" }, limit = 1 });
            File.Delete(filler);
            string location = await StartAsync(server, """{"tasks":["arc_easy"],"limit":1,"wait":false}""");
            Assert.Equal("done", JsonElement.Parse((await WatchAsync(server, location))[^1].Data).GetProperty("state").GetString());
        }
        finally
        {
            await RunAsync("umount", disk);
        }
    }

    [Theory]
    [InlineData("GET", "/eval/nobody")]
    [InlineData("DELETE", "/eval/nobody")]
    [InlineData("GET", "/eval/nobody/events")]
    public async Task An_unknown_job_is_not_found(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage answer = await model.Server.Client.SendAsync(request, Ct);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, answer);
    }

    private static async Task<string> StartAsync(TestServer server, string body)
    {
        using HttpResponseMessage accepted = await server.PostAsync("/eval", body);
        string text = await accepted.Content.ReadAsStringAsync(Ct);
        Assert.True(accepted.StatusCode == HttpStatusCode.Accepted, text);
        Assert.Equal($"/eval/{JsonElement.Parse(text).GetProperty("id").GetString()}", accepted.Headers.Location?.ToString());
        return accepted.Headers.Location!.ToString();
    }

    private static async Task<List<SseItem<string>>> WatchAsync(TestServer server, string location)
    {
        using HttpResponseMessage answer = await server.Client.GetAsync($"{location}/events", HttpCompletionOption.ResponseHeadersRead, Ct);
        return await SseParser.Create(await answer.Content.ReadAsStreamAsync(Ct)).EnumerateAsync(Ct).ToListAsync(Ct);
    }

    private static async Task<JsonElement> GetAsync(TestServer server, string path) => JsonElement.Parse(await server.Client.GetStringAsync(path, Ct));

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(Ct);
        return process.ExitCode;
    }

    /// <summary>Names and metrics of every task.</summary>
    private static string Numbers(string tasks) => string.Join('\n', JsonElement.Parse(tasks).EnumerateArray().Select(task => $"{task.GetProperty("name")} {task.GetProperty("n")} {JsonSerializer.Serialize(task.GetProperty("metrics"))}"));
}
