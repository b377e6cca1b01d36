using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Factory.InferenceApi.Tests;

/// <summary>Measurements and traces sent by OTLP, as the usual variables ask for it.</summary>
public sealed class CollectorTests(ModelFixture model)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collector_named_by_the_usual_variables_gets_measurements_and_traces()
    {
        Channel<(string Path, string Body)> received = Channel.CreateUnbounded<(string, string)>();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using WebApplication collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.Latin1);
            received.Writer.TryWrite((request.Path, await reader.ReadToEndAsync(Ct)));
        });
        await collector.StartAsync(Ct);
        using var folder = new TemporaryFolder();
        await using ServerProcess process = ServerProcess.Start(folder.Path, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            ["OTEL_SERVICE_NAME"] = "my-models",
        }, "--model", model.Bundle, "--urls", "http://127.0.0.1:0");
        using HttpClient client = await process.ConnectAsync();
        using var body = new StringContent("""{"prompt":"a","max_new_tokens":2}""", Encoding.UTF8, "application/json");
        (await client.PostAsync("/generate", body, Ct)).Dispose();

        // Protocol buffers hold their strings as they are.
        var missing = new List<(string Path, string Word)> { ("/v1/metrics", "factory.generated_tokens"), ("/v1/traces", "text_completion") };
        await foreach ((string path, string message) in received.Reader.ReadAllAsync(Ct))
        {
            missing.RemoveAll(wanted => wanted.Path == path && message.Contains(wanted.Word, StringComparison.Ordinal) && message.Contains("my-models", StringComparison.Ordinal));
            if (missing.Count == 0)
            {
                break;
            }
        }
    }
}
