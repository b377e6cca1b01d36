using System.Net.ServerSentEvents;
using System.Text.Json;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Telemetry;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Factory.InferenceApi.OpenAi;

/// <summary>Answers as OpenAI's clients read streams: one JSON object an event, then [DONE]; an error object instead if something breaks on the way.</summary>
internal sealed class OpenAiEvents(IOptions<JsonOptions> json, ILogger<OpenAiEvents> log)
{
    private const string Done = "[DONE]";

    public async IAsyncEnumerable<SseItem<string>> WriteAsync<T>(IAsyncEnumerable<T> answers, string requestId)
    {
        await using IAsyncEnumerator<T> next = answers.GetAsyncEnumerator();
        bool goesOn = true;
        while (goesOn)
        {
            string data;
            try
            {
                goesOn = await next.MoveNextAsync();
                data = goesOn ? JsonSerializer.Serialize(next.Current, json.Value.SerializerOptions.GetTypeInfo(typeof(T))) : Done;
            }
            catch (Exception error)
            {
                goesOn = false;
                RefusedException refused = ApiExceptionHandler.For(error, requestId);
                if (refused.Problem.Status == StatusCodes.Status500InternalServerError)
                {
                    log.StreamBroke(error, requestId);
                }
                data = JsonSerializer.Serialize(OpenAiError.From(refused.Problem), ProblemJson.Readable.OpenAiError);
            }
            yield return new SseItem<string>(data);
        }
    }
}
