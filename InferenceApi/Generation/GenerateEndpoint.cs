using System.Text;
using Factory.InferenceApi.Hosting;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Factory.InferenceApi.Telemetry;

namespace Factory.InferenceApi.Generation;

/// <summary>
/// POST /generate.
/// <code>body ─► plan ─► queue ─► run ─┬─► one JSON answer
///                          └─► events (stream: true)</code>
/// </summary>
internal static class GenerateEndpoint
{
    public static void MapGenerate(this IEndpointRouteBuilder routes) => routes.MapPost("/generate", GenerateAsync)
        .WithName("generate")
        .WithTags("Generation")
        .WithSummary("Continues a prompt.")
        .WithDescription("With stream: true the answer is text/event-stream: a 'text' event per piece, then one 'end' event, or an 'error' event with a problem if something breaks on the way. "
            + "Closing the connection stops decoding.")
        .Produces<GenerateAnswer>(StatusCodes.Status200OK, RequestBody.ContentType, "text/event-stream")
        .ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status501NotImplemented)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GenerateAsync(
        RequestBody<GenerateRequest> body, HttpContext context, ServedModel model, DecodeQueue queue, SeedSource seeds, ShutdownSignal shutdown, TimeProvider time, ServerMeters meters, GenerationStream stream)
    {
        GenerationPlan plan = GenerationPlan.For(body.Value, model.RequireText(), seeds);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        context.Response.RegisterForDispose(stop);
        long asked = time.GetTimestamp();
        context.Response.RegisterForDispose(await queue.EnterAsync(stop.Token));
        var run = new GenerationRun(plan, time.GetElapsedTime(asked), time, meters);
        return body.Value.Stream
            ? TypedResults.ServerSentEvents(stream.EventsAsync(run, context.TraceIdentifier, stop.Token))
            : TypedResults.Ok(await WholeAsync(run, stop.Token));
    }

    private static async Task<GenerateAnswer> WholeAsync(GenerationRun run, CancellationToken ct)
    {
        var text = new StringBuilder();
        await foreach (string piece in run.TextsAsync(ct))
        {
            text.Append(piece);
        }
        GenerationEnd end = run.End();
        return new GenerateAnswer
        {
            Text = text.ToString(),
            FinishReason = end.FinishReason,
            PromptTokens = end.PromptTokens,
            GeneratedTokens = end.GeneratedTokens,
            Seed = end.Seed,
            Timings = end.Timings,
        };
    }
}
