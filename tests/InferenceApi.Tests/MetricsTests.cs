namespace Factory.InferenceApi.Tests;

/// <summary>GET /metrics, as Prometheus reads it.</summary>
public sealed class MetricsTests(ModelFixture model)
{
    [Fact]
    public async Task Tokens_latencies_batch_and_memory_are_told()
    {
        await using TestServer server = await TestServer.StartAsync(model.Bundle);
        await server.AskAsync("/generate", new { prompt = "the", max_new_tokens = 5 });
        string text = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        foreach (string name in (string[])
            ["factory_generated_tokens", "factory_prompt_tokens", "gen_ai_server_time_to_first_token_seconds_bucket", "gen_ai_server_time_per_output_token_seconds_bucket",
            "factory_engine_running", "factory_engine_waiting", "factory_engine_kv_cache_limit_bytes", "http_server_request_duration_seconds_bucket"])
        {
            Assert.Contains($"\n{name}", text, StringComparison.Ordinal);
        }
        Assert.Contains($"model=\"{model.Model.Bundle.Name}\"", text, StringComparison.Ordinal);
    }
}
