using System.Text.Json;

namespace Factory.InferenceApi.Tests;

public sealed class StreamTests(ModelFixture model)
{
    [Fact]
    public async Task Pieces_add_up_to_the_whole_answer()
    {
        JsonElement whole = await model.Server.AskAsync("/generate", new { prompt = "the man", max_new_tokens = 60, temperature = 1.2, seed = 3 });
        using HttpResponseMessage answer = await model.Server.OpenAsync(new { prompt = "the man", max_new_tokens = 60, temperature = 1.2, seed = 3, stream = true });
        List<(string Name, JsonElement Data)> events = await SseReader.EventsAsync(answer).ToListAsync(TestContext.Current.CancellationToken);

        Assert.All(events.SkipLast(1), item => Assert.Equal("text", item.Name));
        Assert.True(events.Count > 10);
        Assert.Equal(whole.GetProperty("text").GetString(), string.Concat(events.SkipLast(1).Select(item => item.Data.GetProperty("text").GetString())));
        (string name, JsonElement end) = events[^1];
        Assert.Equal("end", name);
        foreach (string field in (string[])["finish_reason", "prompt_tokens", "generated_tokens", "seed"])
        {
            Assert.Equal(whole.GetProperty(field).ToString(), end.GetProperty(field).ToString());
        }
        Assert.True(end.GetProperty("timings").GetProperty("total").GetDouble() > 0);
    }

    [Fact]
    public async Task The_first_piece_arrives_long_before_the_last()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle);
        using var decoded = new MeterProbe(server);
        using HttpResponseMessage answer = await server.OpenAsync(new { prompt = "the", max_new_tokens = model.Window, stream = true });
        await foreach ((string name, JsonElement _) in SseReader.EventsAsync(answer))
        {
            Assert.Equal("text", name);
            break;
        }
        Assert.InRange(decoded.GeneratedTokens, 1, model.Window / 2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hanging_up_stops_decoding(bool stream)
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle);
        using var probe = new MeterProbe(server);
        using (var hangUp = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken))
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/generate")
            {
                Content = new StringContent($$"""{"prompt":"the","max_new_tokens":{{model.Window}},"stream":{{(stream ? "true" : "false")}}}""", null, "application/json"),
            };
            Task<HttpResponseMessage> answer = server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, hangUp.Token);
            await probe.TokensReach(5);
            if (stream)
            {
                (await answer).Dispose();
            }
            else
            {
                await hangUp.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
            }
        }
        await probe.AdmittedReaches(0);
        Assert.InRange(probe.GeneratedTokens, 5, model.Window / 2);
        // Its turn is free again.
        await server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 1 });
    }
}
