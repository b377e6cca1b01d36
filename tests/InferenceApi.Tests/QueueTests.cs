using System.Net;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

public sealed class QueueTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_at_the_same_time_get_the_answers_of_requests_one_by_one()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 4 });
        object[] requests = [.. Enumerable.Range(0, 12).Select(i => new { prompt = $"the man {i}", max_new_tokens = 20 + i, temperature = i % 3, seed = i, stream = false })];
        var alone = new List<string>();
        foreach (object request in requests)
        {
            alone.Add((await server.AskAsync("/generate", request)).GetProperty("text").GetString()!);
        }

        JsonElement[] together = await Task.WhenAll(requests.Select(request => server.AskAsync("/generate", request)));

        Assert.Equal(alone, together.Select(answer => answer.GetProperty("text").GetString()));
        Assert.Equal(alone.Count, alone.Distinct().Count());
    }

    /// <summary>scripts/server/soak.py, small.</summary>
    [Fact]
    public async Task Clients_that_hang_up_at_random_cost_the_others_nothing_and_leave_nothing()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 6, Queue = 100 });
        using var probe = new MeterProbe(server);
        string[] prompts = ["the", "a man", "to be", "quiz"];
        string[] expected = [.. prompts.Select(prompt => model.Greedy(prompt, 25))];

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            var random = new Random(client);
            for (int i = 0; i < 8; i++)
            {
                int which = random.Next(prompts.Length);
                bool leaves = random.Next(3) == 0;
                int after = random.Next(20);
                using HttpResponseMessage answer = await server.OpenAsync(new { prompt = prompts[which], max_new_tokens = leaves ? model.Window : 25, temperature = 0, stream = true });
                IAsyncEnumerable<(string Name, JsonElement Data)> events = SseReader.EventsAsync(answer);
                if (leaves)
                {
                    Assert.Equal(after, await events.Take(after).CountAsync(Ct));
                    continue;
                }
                List<(string Name, JsonElement Data)> all = await events.ToListAsync(Ct);
                Assert.Equal("end", all[^1].Name);
                Assert.Equal(expected[which], string.Concat(all.SkipLast(1).Select(item => item.Data.GetProperty("text").GetString())));
            }
        }));
        await probe.AdmittedReaches(0);
        await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 1 });
    }

    [Fact]
    public async Task A_request_beyond_the_queue_is_told_to_come_back_and_the_others_are_answered()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 1, Queue = 1 });
        using var probe = new MeterProbe(server);
        using HttpResponseMessage decoding = await server.OpenAsync(new { prompt = "the", max_new_tokens = model.Window, stream = true });
        await probe.TokensReach(1);
        Task<JsonElement> waiting = server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 5, temperature = 0 });
        await probe.AdmittedReaches(2);

        using HttpResponseMessage refused = await server.PostAsync("/generate", """{"prompt":"the"}""");

        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, refused);
        Assert.Equal("Expected room in the queue, found 1 requests being answered and 1 waiting. Ask again later.", problem.GetProperty("detail").GetString());
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        Assert.False(waiting.IsCompleted);
        decoding.Dispose();
        Assert.Equal(model.Greedy("the", 5), (await waiting).GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_client_that_hangs_up_while_waiting_leaves_its_place_in_the_queue()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle, options => options with { MaxConcurrent = 1, Queue = 1 });
        using var probe = new MeterProbe(server);
        using HttpResponseMessage decoding = await server.OpenAsync(new { prompt = "the", max_new_tokens = model.Window, stream = true });
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        Task<HttpResponseMessage> waiting = server.Client.PostAsync("/generate", new StringContent("""{"prompt":"the"}""", null, "application/json"), hangUp.Token);
        await probe.AdmittedReaches(2);

        await hangUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await probe.AdmittedReaches(1);
        Task<JsonElement> next = server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 5, temperature = 0 });
        await probe.AdmittedReaches(2);
        decoding.Dispose();
        Assert.Equal(model.Greedy("the", 5), (await next).GetProperty("text").GetString());
    }
}
