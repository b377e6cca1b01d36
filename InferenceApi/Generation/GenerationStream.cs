using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Telemetry;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Factory.InferenceApi.Generation;

/// <summary>A run as server-sent events: <c>text</c> … <c>text</c>, then <c>end</c> or <c>error</c>.</summary>
internal sealed class GenerationStream(PieceReader reader, TimeProvider time, IOptions<JsonOptions> json, ILogger<GenerationStream> log)
{
    public GenerationRun Start(GenerationPlan plan, Turn turn) => new(plan, turn, reader, time);

    public async IAsyncEnumerable<SseItem<string>> EventsAsync(GenerationRun run, string requestId)
    {
        await using IAsyncEnumerator<string> texts = run.TextsAsync().GetAsyncEnumerator();
        while (true)
        {
            SseItem<string>? next;
            bool last = true;
            try
            {
                last = !await texts.MoveNextAsync();
                next = last ? Item("end", run.End()) : Item("text", new GeneratedText(texts.Current));
            }
            catch (Exception error)
            {
                next = Error(error, requestId);
            }
            yield return next.Value;
            if (last)
            {
                yield break;
            }
        }
    }

    private SseItem<string> Error(Exception error, string requestId)
    {
        ProblemDetails problem = ApiExceptionHandler.For(error, requestId).Problem;
        if (problem.Status == StatusCodes.Status500InternalServerError)
        {
            log.StreamBroke(error, requestId);
        }
        return Item("error", problem);
    }

    /// <summary>Data in the same spelling as a JSON answer.</summary>
    private SseItem<string> Item<T>(string name, T data) => new(JsonSerializer.Serialize(data, (JsonTypeInfo<T>)json.Value.SerializerOptions.GetTypeInfo(typeof(T))), name);
}
