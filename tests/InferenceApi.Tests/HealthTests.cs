using System.Net;
using System.Text.Json;

namespace Factory.InferenceApi.Tests;

public sealed class HealthTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_gives_the_probes_logits_is_ready()
    {
        Assert.Equal("""{"status":"live"}""", await model.Server.Client.GetStringAsync("/health/live", Ct));
        Assert.Equal("""{"status":"ready"}""", await model.Server.Client.GetStringAsync("/health/ready", Ct));
    }

    [Fact]
    public async Task A_model_with_another_probe_never_becomes_ready_and_says_why()
    {
        await using TestServer server = await TestServer.StartAsync(model.Wrong);
        await IsRefused(server, "expected logits within 1e-4 of the probe that was recorded in training, found a difference of");
    }

    [Fact]
    public async Task A_damaged_bundle_never_becomes_ready_and_says_why()
    {
        await using TestServer server = await TestServer.StartAsync(model.Damaged);
        await IsRefused(server, "model.onnx.data: expected SHA-256");
    }

    [Fact]
    public async Task A_model_that_is_being_loaded_is_live_and_not_ready()
    {
        await using TestServer server = await TestServer.ListenAsync(model.Bundle, loads: false);
        using HttpResponseMessage live = await server.Client.GetAsync("/health/live", Ct);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        foreach ((string path, string? body) in ((string, string?)[])[("/health/ready", null), ("/generate", """{"prompt":"the"}"""), ("/eval", """{"tasks":["arc_easy"]}""")])
        {
            using HttpResponseMessage answer = body is null ? await server.Client.GetAsync(path, Ct) : await server.PostAsync(path, body);
            JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, answer);
            Assert.Contains("is being loaded", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
        }
        JsonElement described = JsonElement.Parse(await server.Client.GetStringAsync("/models", Ct)).GetProperty("models")[0];
        Assert.Equal("loading", described.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, described.GetProperty("provider").ValueKind);
    }

    private static async Task IsRefused(TestServer server, string reason)
    {
        using HttpResponseMessage live = await server.Client.GetAsync("/health/live", Ct);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        foreach ((string path, string? body) in ((string, string?)[])[("/health/ready", null), ("/generate", """{"prompt":"the"}"""), ("/eval", """{"tasks":["arc_easy"]}""")])
        {
            using HttpResponseMessage answer = body is null ? await server.Client.GetAsync(path, Ct) : await server.PostAsync(path, body);
            JsonElement problem = await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, answer);
            Assert.Contains(reason, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.Null(answer.Headers.RetryAfter);
        }
        JsonElement described = JsonElement.Parse(await server.Client.GetStringAsync("/models", Ct)).GetProperty("models")[0];
        Assert.Equal("failed", described.GetProperty("state").GetString());
        Assert.Contains(reason, described.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }
}
