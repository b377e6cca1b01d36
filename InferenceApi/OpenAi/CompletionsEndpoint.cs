using System.Globalization;
using Factory.InferenceApi.Generation;
using Factory.InferenceApi.Keys;
using Factory.InferenceApi.Models;
using Factory.InferenceApi.Problems;
using Factory.Runtime;

namespace Factory.InferenceApi.OpenAi;

/// <summary>POST /v1/completions.</summary>
internal static class CompletionsEndpoint
{
    private const int MostSequences = 256;

    public static void MapCompletions(this IEndpointRouteBuilder v1) => v1.MapPost("/completions", CompleteAsync)
        .WithName("openai_completions")
        .WithSummary("Continues prompts, as OpenAI's API does.")
        .WithDescription("With stream: true the answer is text/event-stream: events of the same shape with the next piece of text, then [DONE]. Control tokens in strings are parsed, as vLLM does; parse_special: false turns that off.")
        .Produces<CompletionAnswer>(StatusCodes.Status200OK, "application/json", "text/event-stream")
        .TakesJson()
        .AsksModel()
        .RequireKey(Scope.Generate);

    private static async Task<IResult> CompleteAsync(
        CompletionRequest request, HttpContext context, ModelRegistry models, Turns turns, Prompts prompts, OpenAiEvents events, TimeProvider time)
    {
        ServedModel model = models.Find(request.Model!);
        ModelLease lease = model.RentText();
        context.Response.RegisterForDispose(lease);
        Completion completion = Plan(request, lease.Text!, model.Name, $"cmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        Turn turn = await turns.TakeAsync(context);
        IAsyncEnumerable<(int, GeneratedPiece)> pieces = prompts.ReadAsync(lease.Text!, completion.Prompts, completion.Options, turn);
        return request.Stream == true
            ? TypedResults.ServerSentEvents(events.WriteAsync(completion.StreamAsync(pieces), context.TraceIdentifier))
            : TypedResults.Ok(await completion.WholeAsync(pieces));
    }

    private static Completion Plan(CompletionRequest request, TextEngine engine, string model, string id, long created)
    {
        int n = request.N ?? 1, bestOf = request.BestOf ?? n, window = engine.Engine.Capacity;
        Require(bestOf >= n, "best_of", $"expected at least n ({n}), found {bestOf}.");
        Require(bestOf == n || request.Stream != true, "best_of", "expected no more than n in a stream, found more.");
        Require(request.Suffix is null or "", "suffix", "expected none, as the models only continue, found one.");
        Require(request.MaxTokens is not 0 || request.Echo == true, "max_tokens", "expected at least 1 without echo, found 0.");
        Require(request.MaxTokens is null || request.MaxTokens <= window, "max_tokens", $"expected a whole number from 0 to {window} (the model's context length), found {request.MaxTokens}.");
        IReadOnlyList<PromptText> texts = request.Prompt!.Items;
        Require(texts.Count * bestOf <= MostSequences, request.BestOf is null ? "n" : "best_of", $"expected at most {MostSequences} texts in all, found {texts.Count} prompts times {bestOf}.");
        int room = request.MaxTokens == 0 ? 0 : 1;
        int[][] prompts = [.. texts.Select((text, i) =>
        {
            string field = texts.Count == 1 ? "prompt" : string.Create(CultureInfo.InvariantCulture, $"prompt[{i}]");
            return text.Ids is int[] ids ? PromptEncoder.Check(engine, ids, field, room)
                : PromptEncoder.Encode(engine, text.Text!, field, request.ParseSpecial ?? true, request.AddSpecialTokens ?? true, room);
        })];
        int newTokens = request.MaxTokens ?? Math.Min(CompletionRequest.DefaultTokens, window);
        Require((request.MinTokens ?? 0) <= newTokens, "min_tokens", $"expected from 0 to {newTokens} (max_tokens), found {request.MinTokens}.");
        GenerationOptions options = request.Options(engine) with
        {
            MaxNewTokens = newTokens,
            Choices = bestOf,
            Echo = request.Echo ?? false,
            LogProbabilities = request.Logprobs ?? (bestOf > n ? 0 : null),
        };
        TokenTexts? tokenTexts = request.Logprobs is null ? null : new TokenTexts(engine.Engine.Model.Bundle.Tokenizer!);
        return new Completion(id, created, model, prompts, n, options, tokenTexts, request.StreamOptions?.IncludeUsage ?? false);
    }

    private static void Require(bool holds, string field, string sentence)
    {
        if (!holds)
        {
            throw Problem.Field(field, sentence);
        }
    }
}
