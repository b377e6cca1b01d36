using System.Net;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

/// <summary>POST /models and DELETE /models/NAME: models that come and go while others are asked.</summary>
public sealed class ModelLoadingTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_is_loaded_beside_another_that_is_being_asked_and_answers_as_it_would_alone()
    {
        await using TestServer server = await StartAsync();
        using HttpResponseMessage stream = await server.OpenAsync(new { prompt = "the", max_new_tokens = 400, temperature = 0, stream = true });

        JsonElement loaded = await server.AskAsync("/models", new { name = "chat" });
        Assert.Equal(("chat", "ready"), (loaded.GetProperty("name").GetString(), loaded.GetProperty("state").GetString()));
        Assert.Equal(model.Greedy("a", 9), await TextAsync(server, "chat", 9));
        Assert.Equal([model.Model.Bundle.Name, "chat"], await NamesAsync(server));

        List<(string Name, JsonElement Data)> events = await SseReader.EventsAsync(stream).ToListAsync(Ct);
        Assert.Equal(model.Greedy("the", 400), string.Concat(events.SkipLast(1).Select(item => item.Data.GetProperty("text").GetString())));
        using HttpResponseMessage again = await server.PostAsync("/models", """{"name":"chat"}""");
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, again);
    }

    [Fact]
    public async Task A_model_that_is_unloaded_under_load_ends_its_answers_and_takes_no_new_ones()
    {
        await using TestServer server = await StartAsync();
        await server.AskAsync("/models", new { name = "chat" });
        using HttpResponseMessage stream = await server.OpenAsync(new { prompt = "the", max_new_tokens = 400, temperature = 0, stream = true, model = "chat" });

        Task<HttpResponseMessage>[] unloads = [.. Enumerable.Range(0, 2).Select(_ => server.Client.DeleteAsync("/models/chat", Ct))];
        List<(string Name, JsonElement Data)> events = await SseReader.EventsAsync(stream).ToListAsync(Ct);
        HttpStatusCode[] statuses = [.. (await Task.WhenAll(unloads)).Select(answer => answer.StatusCode).Order()];

        Assert.Equal("end", events[^1].Name);
        Assert.Equal(model.Greedy("the", 400), string.Concat(events.SkipLast(1).Select(item => item.Data.GetProperty("text").GetString())));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.NotFound], statuses);
        using HttpResponseMessage gone = await server.PostAsync("/generate", """{"prompt":"a","model":"chat"}""");
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, gone);
        // And it may come back.
        await server.AskAsync("/models", new { name = "chat" });
        Assert.Equal(model.Greedy("a", 3), await TextAsync(server, "chat", 3));
    }

    [Fact]
    public async Task The_model_that_the_server_was_started_with_stays()
    {
        using HttpResponseMessage answer = await model.Server.Client.DeleteAsync($"/models/{model.Model.Bundle.Name}", Ct);
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, answer);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../chat")]
    [InlineData("chat/../chat")]
    [InlineData("chat/")]
    [InlineData("./chat")]
    [InlineData("/etc")]
    [InlineData("..\\chat")]
    [InlineData("chat\0")]
    [InlineData("%2e%2e")]
    [InlineData("nobody")]
    [InlineData("test.model")]
    public async Task A_name_that_is_no_bundle_of_the_folder_is_refused(string name)
    {
        using HttpResponseMessage answer = await model.Server.PostAsync("/models", JsonSerializer.Serialize(new { name }));
        Assert.StartsWith("expected the name of a bundle in the server's models folder", await ProblemAssert.NamesAsync("name", answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("..%2Fchat")]
    [InlineData("%2e%2e%2fchat")]
    public async Task A_name_that_is_not_served_cannot_be_unloaded(string name)
    {
        using HttpResponseMessage answer = await model.Server.Client.DeleteAsync($"/models/{name}", Ct);
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, answer);
    }

    [Theory]
    [InlineData("wrong", "expected logits within 1e-4 of the probe")]
    [InlineData("damaged", "model.onnx.data: expected SHA-256")]
    public async Task A_bundle_that_does_not_compute_what_was_trained_is_refused_and_not_listed(string name, string reason)
    {
        await using TestServer server = await StartAsync();
        using HttpResponseMessage answer = await server.PostAsync("/models", $$"""{"name":"{{name}}"}""");
        Assert.Contains(reason, await ProblemAssert.NamesAsync("name", answer), StringComparison.Ordinal);
        Assert.Equal([model.Model.Bundle.Name], await NamesAsync(server));
    }

    /// <summary>One sequence of the long window wants 26 MB of keys and values, one of the short window 0.1 MB.</summary>
    [Fact]
    public async Task A_model_that_does_not_fit_the_memory_is_to_be_asked_for_later()
    {
        await using TestServer server = await TestServer.StartAsync(model.Short, options => options with { KvCacheMb = 1, Models = Path.GetDirectoryName(model.Chat) });
        using HttpResponseMessage answer = await server.PostAsync("/models", """{"name":"chat"}""");
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, answer);
        Assert.Contains("expected at least 26 MB", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal([model.Short.Split('/')[^1]], await NamesAsync(server));
        await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = 1 });
    }

    [Fact]
    public async Task So_is_the_one_that_the_server_was_started_with()
    {
        await using TestServer server = await TestServer.StartAsync(model.Chat, options => options with { KvCacheMb = 1 });
        using HttpResponseMessage answer = await server.PostAsync("/generate", """{"prompt":"the"}""");
        JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, answer);
        Assert.Contains("expected at least 26 MB", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_model_whose_folder_is_deleted_goes_on_answering()
    {
        string name = $"deleted-{Guid.NewGuid():N}";
        string folder = model.Copy(name, _ => { });
        await using TestServer server = await TestServer.StartAsync(folder);
        string? before = await TextAsync(server, name, 20);
        Directory.Delete(folder, recursive: true);
        Assert.Equal(before, await TextAsync(server, name, 20));
        await server.AskAsync("/score", new { items = new[] { new { context = "the", continuation = " a" } } });
        await server.AskAsync("/eval", new { tasks = new[] { "arc_easy" }, limit = 1 });
        Assert.Equal([name], await NamesAsync(server));
        using HttpResponseMessage ready = await server.Client.GetAsync("/health/ready", Ct);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using HttpResponseMessage again = await server.PostAsync("/models", $$"""{"name":"{{name}}"}""");
        await ProblemAssert.NamesAsync("name", again);
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(model.Bundle, options => options with { Models = Path.GetDirectoryName(model.Chat) });

    private static async Task<string?> TextAsync(TestServer server, string name, int count) =>
        (await server.AskAsync("/generate", new { prompt = "a", max_new_tokens = count, temperature = 0, model = name })).GetProperty("text").GetString();

    private static async Task<string?[]> NamesAsync(TestServer server) =>
        [.. JsonElement.Parse(await server.Client.GetStringAsync("/models", Ct)).GetProperty("models").EnumerateArray().Select(entry => entry.GetProperty("name").GetString())];
}
