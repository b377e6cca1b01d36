using System.Text;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;

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
        .Produces<GenerateAnswer>(StatusCodes.Status200OK, "application/json", "text/event-stream")
        .TakesJson()
        .AsksModel()
        .RequireKey(Scope.Generate);

    private static async Task<IResult> GenerateAsync(GenerateRequest request, HttpContext context, ModelRegistry models, SeedSource seeds, Turns turns, GenerationStream stream)
    {
        ModelLease lease = models.Find(request.Model).RentText();
        context.Response.RegisterForDispose(lease);
        GenerationPlan plan = GenerationPlan.For(request, lease.Text!, seeds);
        GenerationRun run = stream.Start(plan, await turns.TakeAsync(context));
        return request.Stream == true
            ? TypedResults.ServerSentEvents(stream.EventsAsync(run, context.TraceIdentifier))
            : TypedResults.Ok(await WholeAsync(run));
    }

    private static async Task<GenerateAnswer> WholeAsync(GenerationRun run)
    {
        var text = new StringBuilder();
        await foreach (string piece in run.TextsAsync())
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
