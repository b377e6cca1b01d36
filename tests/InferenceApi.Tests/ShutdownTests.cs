using System.Net;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

public sealed class ShutdownTests(ModelFixture model)
{
    [Fact]
    public async Task A_stream_in_the_making_ends_with_an_error_event()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle);
        using HttpResponseMessage answer = await server.OpenAsync(new { prompt = "the", max_new_tokens = model.Window, stream = true });
        Task stop = server.StopAsync();
        (string name, JsonElement data) = await SseReader.EventsAsync(answer).LastAsync(TestContext.Current.CancellationToken);
        await stop;

        Assert.Equal("error", name);
        Assert.Equal((503, "The server is stopping."), (data.GetProperty("status").GetInt32(), data.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task A_whole_answer_in_the_making_and_one_that_waits_end_with_a_problem()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 1 });
        using var probe = new MeterProbe(server);
        string body = $$"""{"prompt":"the","max_new_tokens":{{model.Window}}}""";
        Task<HttpResponseMessage> decoding = server.PostAsync("/generate", body);
        Task<HttpResponseMessage> waiting = server.PostAsync("/generate", body);
        await probe.AdmittedReaches(2);
        await server.StopAsync();

        foreach (HttpResponseMessage answer in await Task.WhenAll(decoding, waiting))
        {
            JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, answer);
            Assert.Equal("The server is stopping.", problem.GetProperty("detail").GetString());
        }
    }

    [Fact]
    public async Task An_evaluation_in_the_making_ends_with_a_problem()
    {
        using var folder = new TemporaryFolder();
        // Some ten thousand windows.
        await File.WriteAllTextAsync(folder.At("long.txt"), string.Concat(Enumerable.Repeat("quiz ", 300_000)), TestContext.Current.CancellationToken);
        await using TestServer server = await TestServer.StartAsync(model.Short, options => options with { TextFile = folder.At("long.txt") });
        using var probe = new MeterProbe(server);
        Task<HttpResponseMessage> answer = server.PostAsync("/eval", """{"tasks":["perplexity"]}""");
        await probe.EvaluatingReaches(1);
        await server.StopAsync();

        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, await answer);
        Assert.Equal("The server is stopping.", problem.GetProperty("detail").GetString());
        await probe.EvaluatingReaches(0);
    }

    [Fact]
    public async Task A_short_answer_is_finished_within_the_grace()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { Drain = TimeSpan.FromMinutes(10) });
        using HttpResponseMessage answer = await server.OpenAsync(new { prompt = "the", max_new_tokens = 300, temperature = 0, stream = true });
        Task stop = server.StopAsync();
        List<(string Name, JsonElement Data)> events = await SseReader.EventsAsync(answer).ToListAsync(TestContext.Current.CancellationToken);
        await stop;

        Assert.Equal("end", events[^1].Name);
        Assert.Equal(model.Greedy("the", 300), string.Concat(events.SkipLast(1).Select(item => item.Data.GetProperty("text").GetString())));
    }
}
