using System.Net.ServerSentEvents;
using System.Text.Json;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Problems;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Factory.InferenceApi.Evaluation;

/// <summary>GET /eval, GET and DELETE /eval/{id}, GET /eval/{id}/events: evaluation jobs.</summary>
internal static class EvalJobEndpoints
{
    public static void MapEvalJobs(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder jobs = routes.MapGroup("/eval").WithTags("Evaluation").RequireKey(Scope.Eval).Refuses(StatusCodes.Status503ServiceUnavailable);
        jobs.MapGet("", (EvalJobs jobs) => TypedResults.Ok(jobs.Latest()))
            .WithName("eval_jobs")
            .WithSummary("The latest evaluation jobs, newest first. They are kept over a restart.");
        jobs.MapGet("/{id}", (string id, EvalJobs jobs) => TypedResults.Ok(jobs.Find(id)))
            .WithName("eval_job")
            .WithSummary("A job: how far it is, the scores that are there already, and the report once it is done.")
            .Refuses(StatusCodes.Status404NotFound);
        jobs.MapDelete("/{id}", (string id, EvalJobs jobs) => TypedResults.Ok(jobs.Cancel(id)))
            .WithName("cancel_eval_job")
            .WithSummary("Ends a job that waits or runs. One that is over stays what it is.")
            .Refuses(StatusCodes.Status404NotFound);
        jobs.MapGet("/{id}/events", Watch)
            .WithName("eval_job_events")
            .WithSummary("The job as server-sent events: 'progress' with every change, then 'end'.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Refuses(StatusCodes.Status404NotFound);
    }

    private static ServerSentEventsResult<string> Watch(string id, EvalJobs jobs, ShutdownSignal shutdown, IOptions<JsonOptions> json, HttpContext context)
    {
        // Before the answer starts: an unknown job is 404.
        jobs.Find(id);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        context.Response.RegisterForDispose(stop);
        return TypedResults.ServerSentEvents(EventsAsync(jobs.WatchAsync(id, stop.Token), json.Value.SerializerOptions, context.TraceIdentifier));
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(IAsyncEnumerable<EvalJob> changes, JsonSerializerOptions json, string requestId)
    {
        await using IAsyncEnumerator<EvalJob> next = changes.GetAsyncEnumerator();
        bool goesOn = true;
        while (goesOn)
        {
            SseItem<string> item;
            try
            {
                if (!await next.MoveNextAsync())
                {
                    yield break;
                }
                goesOn = !next.Current.IsOver;
                item = new SseItem<string>(JsonSerializer.Serialize(next.Current, json), goesOn ? "progress" : "end");
            }
            catch (Exception error)
            {
                goesOn = false;
                item = new SseItem<string>(JsonSerializer.Serialize(ApiExceptionHandler.For(error, requestId).Problem, ProblemJson.Readable.ProblemDetails), "error");
            }
            yield return item;
        }
    }
}
